#include "bench/workers/device_record.h"

namespace mhabench::bench {

using Json = nlohmann::ordered_json;

std::vector<std::pair<std::string, Json>> DeviceRecord::entries() const {
  std::vector<std::pair<std::string, Json>> known{{"gpu_uuid", uuid.empty() ? Json() : Json(uuid)},
                                                  {"state_at_start", state_at_start},
                                                  {"state_at_end", state_at_end},
                                                  {"peaks", peaks}};
  std::erase_if(known, [](const auto& entry) { return entry.second.is_null(); });
  return known;
}

Json devices_context(const std::vector<DeviceRecord>& devices) {
  Json list = Json::array();
  for (const DeviceRecord& device : devices) {
    list.push_back({{"device", device.name}, {"rows", device.rows}});
    for (const auto& [key, value] : device.entries()) list.back()[key] = value;
  }
  return list;
}

}  // namespace mhabench::bench
