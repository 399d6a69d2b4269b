#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "mhabench/results/journal.h"

namespace mhabench::bench {

// What a process that runs rows (a worker) and the one that hands them out say to each other, a
// line a message. Rows are known by their place in the plan, which both make of the same command
// line.

/// A worker is ready: where it runs, and the context that its rows stand in.
struct Hello {
  std::string device;       ///< "cuda:0"
  std::string device_line;  ///< for people, without a newline
  std::string notice;       ///< of the choice of the device, or empty
  std::string why_no_trace;
  nlohmann::ordered_json context;  ///< with the plan's rows summed up under "rows"
  nlohmann::ordered_json state;    ///< of the device, at the start; null where unknown
};

/// It has nothing to do, and has finished all it was given.
struct Ready {
  nlohmann::ordered_json peaks;  ///< that its rows stand on; null before the first
};

/// It begins a stage of a row.
struct Begun {
  std::string row;
};

/// A row is over; it waits for an answer before it begins the next.
struct Finished {
  FinishedRow row;
};

/// Its last words, after Stop.
struct Farewell {
  nlohmann::ordered_json state;     ///< of the device, at the end; null where unknown
  std::string phases;               ///< where its time went, a line for people
  nlohmann::ordered_json canaries;  ///< a list of the one behind its last row; null: none asked for
};

using FromWorker = std::variant<Hello, Ready, Begun, Finished, Farewell>;

/// Rows of one configuration to run, in the plan's order.
struct Assignment {
  std::vector<std::size_t> rows;
  std::vector<std::string> seen;  ///< rows of that configuration whose output was seen elsewhere
};

/// A finished row is kept.
struct GoOn {};

/// To end, in place of an assignment or of GoOn.
struct Stop {};

using ToWorker = std::variant<Assignment, GoOn, Stop>;

/// A message as one line.
std::string text_of(const FromWorker& message);
std::string text_of(const ToWorker& message);

/// Reads one. Throw nlohmann's exceptions for what is none.
FromWorker parse_from_worker(std::string_view line);
ToWorker parse_to_worker(std::string_view line);

}  // namespace mhabench::bench
