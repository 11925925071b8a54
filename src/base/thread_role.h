#pragma once

namespace footlight {

// Names the calling thread for top and debuggers.
void name_thread(const char* name);

// The calling thread works against a clock: it goes before others, as far as the system lets (nice -10 needs
// CAP_SYS_NICE or a limit; systemd: LimitNICE). Without it all is the same, only later on a busy machine.
void put_thread_first();

}  // namespace footlight
