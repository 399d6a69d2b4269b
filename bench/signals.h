#pragma once

namespace mhabench::bench {

/// From here on the first SIGINT or SIGTERM is noted, and told on stderr, for the run to end after
/// the row in flight; a second one ends the process at once, with status 128 + its number. One that
/// the process was started to ignore stays ignored.
void watch_signals();

/// The signal that was noted; 0 where none was.
int signal_received();

/// "SIGINT", "SIGTERM".
const char* signal_name(int signal);

}  // namespace mhabench::bench
