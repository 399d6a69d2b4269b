#pragma once

#include <cstddef>
#include <string_view>

#include <nlohmann/json.hpp>

namespace mhabench {

/// Beyond a million rows of this suite, and what any file of JSON may hold that is read whole.
inline constexpr std::size_t kMostJsonBytes = std::size_t{4} << 30;

/// A results file has five levels. What goes through a document by itself (writing it, comparing
/// it) takes stack by their number.
inline constexpr int kMostJsonLevels = 32;

/// Parses a file's JSON; `step` as nlohmann's parser calls it, after the depth was looked at.
/// Throws InputError with what is wrong alone: "is truncated or no JSON: parse error at line 3,
/// column 7: ...", "is nested too deep", "holds a number that is too large: ...".
template <typename Json>
Json parse_json(std::string_view text, const typename Json::parser_callback_t& step = nullptr);

extern template nlohmann::json parse_json(std::string_view,
                                          const nlohmann::json::parser_callback_t&);
extern template nlohmann::ordered_json parse_json(std::string_view,
                                                  const nlohmann::ordered_json::parser_callback_t&);

}  // namespace mhabench
