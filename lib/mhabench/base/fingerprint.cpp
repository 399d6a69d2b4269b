#include "mhabench/base/fingerprint.h"

namespace mhabench {

Fingerprint& Fingerprint::add(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * kPrime;
  state_ *= kPrime;  // the NUL
  return *this;
}

std::string Fingerprint::str() const {
  std::string digits(16, '0');
  std::uint64_t rest = state_;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, rest >>= 4) {
    *digit = "0123456789abcdef"[rest & 15];
  }
  return digits;
}

}  // namespace mhabench
