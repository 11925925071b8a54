#pragma once
// Private to state/: how the structs and nlohmann's JSON meet. Include only from .cc files (4 s to compile).
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"
#include "state/programme.h"

namespace footlight::state {

// Reads `key` into `out` when it is there; a field of the wrong type throws nlohmann's exception, which parse()
// catches.
template <class T>
void read(const nlohmann::json& j, const char* key, T& out) {
  if (auto it = j.find(key); it != j.end() && !it->is_null()) it->get_to(out);
}

// Runs a reader over the text; any JSON fault becomes one sentence. Exceptions end here.
template <class T>
Result<T, Error> parse(std::string_view text) {
  try {
    auto j = nlohmann::json::parse(text);
    if (!j.is_object()) return fail("the document is not a JSON object");
    return j.template get<T>();
  } catch (const nlohmann::json::exception& e) {
    return fail(std::string("unreadable document: ") + e.what());
  }
}

void to_json(nlohmann::json& j, const Canvas& v);
void from_json(const nlohmann::json& j, Canvas& v);
void to_json(nlohmann::json& j, const Rendition& v);
void from_json(const nlohmann::json& j, Rendition& v);
void to_json(nlohmann::json& j, const HlsTiming& v);
void from_json(const nlohmann::json& j, HlsTiming& v);
void to_json(nlohmann::json& j, const PipeKey& v);
void from_json(const nlohmann::json& j, PipeKey& v);
void to_json(nlohmann::json& j, const PipeTrack& v);
void from_json(const nlohmann::json& j, PipeTrack& v);

}  // namespace footlight::state
