#include "mhabench/paths/packing.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "mhabench/inputs/tensors.h"
#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

class PackingOnDevice : public DeviceTest {};

at::Tensor ints(std::initializer_list<int> values) { return at::tensor(values, at::kInt); }

TEST_P(PackingOnDevice, TablesHoldWhatKernelsReadOfLengths) {
  LengthTables tables(3, 8, GetParam());
  tables.write({5, 1, 3});
  EXPECT_EQ(tables.tokens(), 9);
  EXPECT_EQ(tables.longest(), 5);
  EXPECT_TRUE(at::equal(tables.cu_seqlens().cpu(), ints({0, 5, 6, 9})));
  EXPECT_TRUE(at::equal(tables.lengths().cpu(), ints({5, 1, 3})));
  EXPECT_TRUE(at::equal(tables.qkv_offsets().cpu(), ints({0, 120, 144, 216})));
  EXPECT_TRUE(at::equal(tables.out_offsets().cpu(), ints({0, 40, 48, 72})));
}

TEST_P(PackingOnDevice, TablesStayWhereTheyAre) {
  LengthTables tables(100, 8, GetParam());
  tables.write(std::vector<std::int64_t>(100, 2));
  const void* const before = tables.qkv_offsets().data_ptr();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tables.lengths().data_ptr()) % 16, 0U);
  tables.write(std::vector<std::int64_t>(100, 3));
  EXPECT_EQ(tables.qkv_offsets().data_ptr(), before);
  EXPECT_EQ(tables.cu_seqlens()[100].item<int>(), 300);
  EXPECT_THROW(tables.write({1, 2}), c10::Error);
}

TEST_P(PackingOnDevice, TokensComeOutOfPaddingAndGoBack) {
  for (const Dtype dtype : all_dtypes()) {
    for (const Batch& batch : odd_batches()) {
      const Case c = make_case(batch, dtype, GetParam());
      LengthTables tables(c.config.batch, c.config.embed_dim, GetParam());
      tables.write(c.inputs.lengths);
      const at::Tensor tokens = tokens_of(c.inputs.padded, tables);
      EXPECT_TRUE(at::equal(tokens, c.inputs.packed)) << batch.name;
      EXPECT_TRUE(at::equal(padded_of(tokens, tables, c.config.seq_len), c.inputs.padded))
          << batch.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, PackingOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
