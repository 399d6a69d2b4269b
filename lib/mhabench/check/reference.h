#pragma once

#include <cstddef>

#include <ATen/core/Tensor.h>

#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"

namespace mhabench {

/// What the layer gives in exact arithmetic, near enough: computed in fp64 from the very values the
/// paths read, on the packed tokens, by the textbook formula
/// softmax(q k^T / sqrt(head_dim)) v between two linear maps.
///
/// `deviation` is how far a rounding of one part in one, of everything that is rounded on the way,
/// would move each output element (root mean square): what make_bounds scales by a dtype's unit
/// roundoff. It is carried along the same sums as the values, each rounding by the magnitude of
/// what is rounded and not of a sum that may cancel (first-order error propagation; Higham,
/// Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 3):
///  - q, k, v: the root of the sum of the squared products that add up to them, bias included: M_q,
///    M_k, M_v;
///  - the attention's output o_t = sum_k p_tk v_k: o_t itself; the roundings of p_tk and v_k, which
///    are independent, sum_k p_tk^2 M_v,k^2; those of the scores, p_tk g_t with
///    g_t^2 = |M_q,t^2| max_k |M_k,k^2| / head_dim, which are independent but for the few
///    directions that q and v share (4 / embed_dim of them); and kShared of what M_v is in the
///    mean, since a bias added after its product was rounded has one error for many keys;
///  - the output: the squares of all that, through the squared out-projection.
struct Reference {
  at::Tensor output;       ///< (tokens, embed_dim) fp64
  at::Tensor output_norm;  ///< () fp64
  at::Tensor deviation;    ///< (tokens, embed_dim) fp32, as above; output and bias are not in it
  at::Tensor out_bias;     ///< (embed_dim) fp64
};

/// Computes the reference on the inputs' device. Sequences are taken in chunks of like length whose
/// temporaries stay near `chunk_bytes`. Throws c10::Error where memory runs out.
Reference make_reference(const MhaConfig& config, const Inputs& inputs, const Weights& weights,
                         std::size_t chunk_bytes);

/// A chunk size that leaves large devices busy and small ones room.
std::size_t default_chunk_bytes(c10::Device device);

}  // namespace mhabench
