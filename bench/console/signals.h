#pragma once

namespace mhabench::bench {

/// From here on the first SIGINT or SIGTERM is noted, and told on stderr, for the run to end after
/// the row in flight, or a second later; a second one ends the process at once, with status 128 +
/// its number. One that the process was started to ignore stays ignored.
void watch_signals();

/// While one lives, a row is in flight: if it does not end within a second of a noted signal, the
/// process does, unless rows that finished would be lost with it.
class RowInFlight {
 public:
  RowInFlight();
  RowInFlight(const RowInFlight&) = delete;
  RowInFlight& operator=(const RowInFlight&) = delete;
  ~RowInFlight();
};

/// For a process whose rows another one keeps, and that deals with signals: SIGALRM ends it while a
/// RowInFlight lives, and is ignored otherwise.
void watch_give_up();

/// A row finished that no journal keeps.
void note_unkept_row();

/// The signal that was noted; 0 where none was.
int signal_received();

/// "SIGINT", "SIGTERM".
const char* signal_name(int signal);

}  // namespace mhabench::bench
