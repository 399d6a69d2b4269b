#include "mhabench/measure/needs.h"

#include <cstdint>

#include "mhabench/base/text.h"
#include "mhabench/device/device.h"

namespace mhabench {
namespace {

std::string gigabytes(double bytes) { return general(bytes / 1e9, 3) + " GB"; }

// The drawn ones, and the inputs' own.
double lengths_bytes(const MhaConfig& config) {
  constexpr double kCopies = 2;
  return kCopies * sizeof(std::int64_t) * static_cast<double>(config.batch);
}

double tensor_bytes(const MhaConfig& config) {
  constexpr double kSquares = 4;  // three projections into heads and one out of them
  const auto width = static_cast<double>(config.embed_dim);
  const double positions = static_cast<double>(config.batch) * static_cast<double>(config.seq_len);
  const double bytes_each = config.dtype == Dtype::fp32 ? 4 : 2;
  return bytes_each * (positions * width + kSquares * width * width);
}

std::string too_large(const std::string& what, double bytes, const char* where, double room) {
  return what + " take " + gigabytes(bytes) + ", and " + where + " has " + gigabytes(room);
}

}  // namespace

Room room_on(c10::Device device) {
  const auto host = static_cast<double>(free_memory(c10::kCPU));
  if (device.is_cpu()) return {host, host};
  return {host, static_cast<double>(describe(device).memory_bytes.value_or(0))};
}

std::optional<std::string> why_too_large(const MhaConfig& config, const Room& room) {
  const double bytes = tensor_bytes(config);
  if (bytes <= room.device) return why_lengths_too_large(config, room);
  return too_large("a padded batch and the weights", bytes, "the device", room.device);
}

std::optional<std::string> why_lengths_too_large(const MhaConfig& config, const Room& room) {
  const double bytes = lengths_bytes(config);
  if (bytes <= room.host) return std::nullopt;
  return too_large("the lengths of batch " + std::to_string(config.batch), bytes, "the host",
                   room.host);
}

}  // namespace mhabench
