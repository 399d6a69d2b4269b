#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace mhabench {

/// The limits of a JSON file: its size, its levels (a results file has five) and the keys of one
/// object.
inline constexpr std::size_t kMostJsonBytes = std::size_t{1} << 30;
inline constexpr int kMostJsonLevels = 32;
inline constexpr std::size_t kMostJsonKeys = 4096;

/// Parses JSON and keeps the order of keys. NaN and Infinity, which Google Benchmark writes, are
/// read as null. Throws InputError with only what is wrong: "is empty", "is compressed; ...",
/// "is truncated or no JSON: parse error at line 3, column 7: ...", "is nested too deep", "has an
/// object of more than 4096 keys", "holds a number that is too large: ...".
nlohmann::ordered_json parse_json(std::string_view text);

/// Reads a JSON file. Throws InputError as read_text and parse_json do: what is wrong, without the
/// file's name.
nlohmann::ordered_json read_json(const std::filesystem::path& path);

/// Its text, on one line or with `indent` blanks a level; bytes that are not UTF-8 become U+FFFD.
std::string dumped(const nlohmann::ordered_json& json, int indent = -1);

/// An object's member; a null pointer if it is absent or null.
const nlohmann::ordered_json* find_member(const nlohmann::ordered_json& object,
                                          const std::string& key);

/// An object's member as a std::string, a finite double, a bool or a std::size_t; nothing if it is
/// absent or null. Throws InputError if it is something else: "'seed' is string, not a number".
template <typename T>
std::optional<T> member(const nlohmann::ordered_json& object, const std::string& key);

/// The same of a member that must be there. Throws InputError also if it is not: "has no 'seed'".
template <typename T>
T required(const nlohmann::ordered_json& object, const std::string& key);

}  // namespace mhabench
