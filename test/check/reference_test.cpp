#include "mhabench/check/reference.h"

#include <cmath>
#include <numeric>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix to_matrix(const at::Tensor& tensor) {
  const at::Tensor exact = tensor.to(at::kDouble).cpu().contiguous();
  const auto* const data = exact.const_data_ptr<double>();
  const auto columns = static_cast<std::size_t>(exact.size(1));
  Matrix matrix;
  for (std::size_t i = 0; i < static_cast<std::size_t>(exact.size(0)); ++i) {
    matrix.emplace_back(data + i * columns, data + (i + 1) * columns);
  }
  return matrix;
}

std::vector<double> to_vector(const at::Tensor& tensor) {
  return to_matrix(tensor.unsqueeze(0)).front();
}

// One linear map on one row, and attention of one head, by their definitions and nothing else.
std::vector<double> linear(const std::vector<double>& x, const Matrix& weight,
                           const std::vector<double>& bias) {
  std::vector<double> y(bias);
  for (std::size_t j = 0; j < weight.size(); ++j) {
    y[j] = std::inner_product(x.begin(), x.end(), weight[j].begin(), bias[j]);
  }
  return y;
}

void attend_head(const Matrix& qkv, std::size_t width, std::size_t first, std::size_t head_dim,
                 Matrix& out) {
  for (std::size_t i = 0; i < qkv.size(); ++i) {
    std::vector<double> weights(qkv.size());
    double total = 0;
    for (std::size_t j = 0; j < qkv.size(); ++j) {
      double score = 0;
      for (std::size_t c = first; c < first + head_dim; ++c) score += qkv[i][c] * qkv[j][width + c];
      weights[j] = std::exp(score / std::sqrt(static_cast<double>(head_dim)));
      total += weights[j];
    }
    for (std::size_t c = first; c < first + head_dim; ++c) {
      for (std::size_t j = 0; j < qkv.size(); ++j) {
        out[i][c] += weights[j] / total * qkv[j][2 * width + c];
      }
    }
  }
}

Matrix by_definition(const Case& c) {
  const auto width = static_cast<std::size_t>(c.config.embed_dim);
  const auto head_dim = static_cast<std::size_t>(c.config.head_dim());
  const Matrix x = to_matrix(c.inputs.packed);
  const Matrix in = to_matrix(c.weights.in_proj_weight);
  const Matrix out = to_matrix(c.weights.out_proj_weight);
  const std::vector<double> in_bias = to_vector(c.weights.in_proj_bias);
  const std::vector<double> out_bias = to_vector(c.weights.out_proj_bias);

  Matrix result;
  std::size_t start = 0;
  for (const std::int64_t length : c.inputs.lengths) {
    Matrix qkv;
    for (std::size_t t = start; t < start + static_cast<std::size_t>(length); ++t) {
      qkv.push_back(linear(x[t], in, in_bias));
    }
    Matrix attended(qkv.size(), std::vector<double>(width, 0));
    for (std::size_t first = 0; first < width; first += head_dim) {
      attend_head(qkv, width, first, head_dim, attended);
    }
    for (const auto& row : attended) result.push_back(linear(row, out, out_bias));
    start += static_cast<std::size_t>(length);
  }
  return result;
}

double largest_difference(const Matrix& a, const Matrix& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      largest = std::max(largest, std::abs(a[i][j] - b[i][j]));
    }
  }
  return largest;
}

class ReferenceOnDevice : public DeviceTest {};

TEST_P(ReferenceOnDevice, IsTheDefinition) {
  for (const Dtype dtype : all_dtypes()) {
    const Case c = make_case({"ragged", {5, 1, 17, 8}, 24, 3}, dtype, GetParam());
    const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
    const Matrix output = to_matrix(reference.output);
    const Matrix expected = by_definition(c);
    ASSERT_EQ(output.size(), expected.size());
    EXPECT_LT(largest_difference(output, expected), 1e-13);
  }
}

// However the batch is cut, from a sequence at a time to all at once.
TEST_P(ReferenceOnDevice, DoesNotDependOnTheChunks) {
  const Case c = make_case({"ragged", {33, 2, 64, 7, 64, 1}, 64, 4}, Dtype::fp32, GetParam());
  const Matrix whole = to_matrix(make_reference(c.config, c.inputs, c.weights, 1 << 30).output);
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{1} << 19, std::size_t{1} << 20}) {
    const Matrix cut = to_matrix(make_reference(c.config, c.inputs, c.weights, bytes).output);
    EXPECT_LT(largest_difference(cut, whole), 1e-13) << bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, ReferenceOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

// A sequence of one token attends only to itself, so its deviation is a sum of known squares.
TEST(Reference, CarriesTheMagnitudesOfWhatIsSummed) {
  const Case c = make_case({"one_token", {1, 1}, 4, 2}, Dtype::fp32, at::kCPU);
  const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
  const at::Tensor squared = at::linear(c.inputs.packed.square(), c.weights.in_proj_weight.square(),
                                        c.weights.in_proj_bias.square())
                                 .view({2, 3, 2, 2})  // token, q k v, head, head_dim
                                 .to(at::kDouble);
  const at::Tensor q = squared.select(1, 0), k = squared.select(1, 1), v = squared.select(1, 2);
  const at::Tensor scores = q.norm(2, -1, true) * k.norm(2, -1, true) / 2;
  const at::Tensor o =
      at::linear(c.inputs.packed.to(at::kDouble), c.weights.in_proj_weight.to(at::kDouble),
                 c.weights.in_proj_bias.to(at::kDouble))
          .narrow(1, 8, 4);
  const at::Tensor carried =
      o.square() + (v * (scores + 1) + v.mean(0) * (scores + 0.09 * 0.09)).reshape({2, 4});
  const at::Tensor expected =
      at::mm(carried, c.weights.out_proj_weight.to(at::kDouble).square().t()).sqrt();
  EXPECT_TRUE(at::allclose(reference.deviation.to(at::kDouble), expected, 1e-5));
}

}  // namespace
}  // namespace mhabench::test
