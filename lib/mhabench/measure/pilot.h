#pragma once

#include <optional>

#include "mhabench/clocks/event_clock.h"
#include "mhabench/clocks/host_plan.h"
#include "mhabench/measure/batch_plan.h"

namespace mhabench {

/// What a short batch tells before the timed one. Its first sample, for whose first kernels the GPU
/// waited, is left out where there are others, and the median of the rest stands for a call: one
/// sample that was slow must not leave the timed batch too few calls.
///
/// The host is the limit where enqueueing took nearly all of the batch: all but 0.3 of a call,
/// which the GPU may need for the last call's kernels behind the host, and at least 0.9 of a long
/// batch.
Pilot pilot_of(const TimedBatch& batch);

/// What goes ahead of the batch that a pilot was for: a sleep of 50 us and half as long again as a
/// call takes the host, where that is still less than a call takes the GPU; a call elsewhere.
Lead lead_of(const Pilot& pilot);

/// What a call cost the host in a batch behind a lead: the median of its first 12 samples, where a
/// sleep kept the GPU busy from the start and enqueueing was over so long before the batch was that
/// no call can have waited for the GPU. Absent elsewhere.
std::optional<HostTime> host_time_in(const TimedBatch& batch, const Lead& lead);

}  // namespace mhabench
