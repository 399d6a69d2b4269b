#pragma once

#include <functional>
#include <string>

#include <c10/util/Exception.h>

namespace mhabench::bench {

/// While it lives, LibTorch's warnings are told as one line each, but for the one that every
/// program with strided nested tensors gets and no user of a benchmark can act on.
class TellWarnings : private c10::WarningHandler {
 public:
  explicit TellWarnings(std::function<void(const std::string& line)> tell);
  ~TellWarnings() override;
  TellWarnings(const TellWarnings&) = delete;
  TellWarnings& operator=(const TellWarnings&) = delete;

 private:
  void process(const c10::Warning& warning) override;

  std::function<void(const std::string&)> tell_;
  c10::WarningHandler* previous_;
};

}  // namespace mhabench::bench
