#pragma once

namespace mhabench::bench {

/// From here on the first SIGINT or SIGTERM is noted, and told on stderr, for the run to end after
/// the row in flight; a second one ends the process at once, with status 128 + its number. One that
/// the process was started to ignore stays ignored.
void watch_signals();

/// While one lives, nothing of the row in flight has been timed, and making it ready may take long:
/// a noted signal then ends the process within about a second, unless rows that finished would be
/// lost with it.
class Untimed {
 public:
  Untimed();
  Untimed(const Untimed&) = delete;
  Untimed& operator=(const Untimed&) = delete;
  ~Untimed();
};

/// For a process whose rows another one keeps, and that deals with signals: it ends by SIGALRM
/// while an Untimed lives, and passes it over else.
void watch_give_up();

/// A row finished that no journal keeps.
void note_unkept_row();

/// The signal that was noted; 0 where none was.
int signal_received();

/// "SIGINT", "SIGTERM".
const char* signal_name(int signal);

}  // namespace mhabench::bench
