#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "bench/workers/line_channel.h"

namespace mhabench::bench {

/// Where a process that was started by start_worker() finds its task, in its environment.
struct WorkerPlace {
  int channel;         ///< descriptor of its end of the channel
  std::string device;  ///< to run on, as --device takes it; empty: the command line's
};

/// Absent in a process that a user started. What it read is taken out of the environment.
std::optional<WorkerPlace> worker_place();

/// A running copy of this program and a channel to it. It dies with the process that started it,
/// and with this: killed, with all that it started, where it has not ended.
class ChildProcess {
 public:
  ChildProcess(pid_t process, Descriptor socket) : channel(std::move(socket)), process_(process) {}
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  void kill() const;

  /// Lets it end where its row is not timed yet (see watch_give_up).
  void give_up() const;

  /// How it ended, as waitpid() says it; waits for that.
  int wait();

  LineChannel channel;

 private:
  pid_t process_;  // 0 where it was waited for
};

/// Starts this program again with these arguments, as a worker on `device` (see WorkerPlace): in a
/// process group of its own, for what a terminal sends is the parent's to deal with, and with its
/// stdout on stderr. Throws Failure. The caller is the process's only thread.
ChildProcess start_worker(const std::vector<std::string>& arguments, const std::string& device);

/// "killed by signal 11 (Segmentation fault)", "ended with status 1": of what wait() gave.
std::string death_text(int status);

}  // namespace mhabench::bench
