#include "bench/workers/device_record.h"

#include <gtest/gtest.h>

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;

TEST(DeviceRecordTest, LeavesOutWhatIsNotKnown) {
  DeviceRecord device{"cuda:1", "", {}, {}, {}, 3};
  EXPECT_TRUE(device.entries().empty());
  device.uuid = "GPU-1";
  device.state_at_start = {{"sm_mhz", 1980}};
  EXPECT_EQ(devices_context({device}), Json::parse(R"([{"device": "cuda:1", "rows": 3,
      "gpu_uuid": "GPU-1", "state_at_start": {"sm_mhz": 1980}}])"));
}

}  // namespace
}  // namespace mhabench::bench
