#include "base/thread_role.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace footlight {
namespace {

// Above everything of the ordinary, below what administrators reserve for themselves.
constexpr int kNice = -10;

}  // namespace

void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

void put_thread_first() {
  // Refused without the right to: then it stays as it is.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

}  // namespace footlight
