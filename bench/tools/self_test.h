#pragma once

#include <string>
#include <vector>

#include <c10/core/Device.h>

namespace mhabench::bench {

/// One thing that a clock must read, and what it read.
struct Proof {
  enum class Outcome { right, off, skipped };

  std::string what;
  std::string expected;
  std::string reading;  ///< or why it was skipped
  Outcome outcome = Outcome::right;
};

/// Times work of known shape on the device and holds every clock of the suite against what is known
/// of it; takes some seconds:
///
/// - a sleep of N and of 2N of the GPU (on the CPU a spin of the host): the event clock and
///   the kernel trace read a ratio of 2.00 within 0.2 %, and agree with each other within 1 %
/// - a spin of the host of known length: the host clock reads it within 1 %
/// - a planted delay of the host: the host clock sees it, the kernel trace does not
/// - a planted kernel: both clocks see it. When a kernel a twentieth as long follows another, the
///   trace reads the sum of what each takes by itself, within 0.5 %
/// - launches cost the host no more after a trace than before the process's first
/// - a call that waits for the GPU is told from one that does not
/// - a path beside its twin in rounds: the interval of their ratio holds 1. Such an interval misses
///   it in one case of twenty, so that it counts as off only when three in a row do.
///
/// What the device or this machine cannot show is skipped with its reason.
std::vector<Proof> prove_clocks(c10::Device device);

/// The proofs as a table and a line that counts them.
std::string proofs_text(const std::vector<Proof>& proofs);

/// Whether none is off.
bool all_right(const std::vector<Proof>& proofs);

}  // namespace mhabench::bench
