#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mhabench {

/// A 64-bit fingerprint of a list of texts in order (FNV-1a by Fowler, Noll and Vo, over each text
/// and a NUL after it). It tells lists apart that differ by accident, not by design.
class Fingerprint {
 public:
  Fingerprint& add(std::string_view text);

  /// Sixteen hexadecimal digits.
  std::string str() const;

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace mhabench
