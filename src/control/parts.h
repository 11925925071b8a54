#pragma once
#include "base/clock.h"
#include "control/addresses.h"
#include "control/authorizer.h"
#include "control/changes.h"
#include "control/event_stream.h"
#include "control/keyring.h"
#include "control/last_documents.h"
#include "control/repository.h"
#include "state/programme.h"

namespace footlight::control {

// What control's calls work with. Owned by Control, which outlives every call; references only.
struct Parts {
  Repository& repository;
  const Keyring& keyring;
  Authorizer& authorizer;
  const Addresses& addresses;
  EventStream& stream;
  Changes& changes;
  const Clock& clock;
  LastDocuments& last_documents;
};

}  // namespace footlight::control
