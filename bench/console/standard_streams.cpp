#include "bench/console/standard_streams.h"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace mhabench::bench {

void secure_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  // open() takes the lowest descriptor that is free, so those below are taken by now.
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) < 0) static_cast<void>(open("/dev/null", O_RDWR));
  }
}

bool stdout_arrived() {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout) return true;
  pollfd polled{STDOUT_FILENO, POLLOUT, 0};
  return poll(&polled, 1, 0) == 1 && (polled.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace mhabench::bench
