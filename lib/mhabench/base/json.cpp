#include "mhabench/base/json.h"

#include <array>
#include <cmath>
#include <type_traits>

#include "mhabench/base/error.h"
#include "mhabench/base/text_file.h"

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kNumberOverflow = 406;  // by nlohmann's list of errors

// "[json.exception.parse_error.101] parse error at line 3, column 7: syntax error while ...", which
// ends with a token of any length.
std::string without_code(std::string_view message) {
  constexpr std::size_t kMostLetters = 200;
  const std::size_t end = message.find("] ");
  message = message.substr(end == std::string_view::npos ? 0 : end + 2);
  if (message.size() <= kMostLetters) return std::string(message);
  return std::string(message.substr(0, kMostLetters)) + "...";
}

// The bytes of a word at `at` that stands for a number and is not one; 0 elsewhere.
std::size_t no_number_at(std::string_view text, std::size_t at) {
  for (const std::string_view word : {"NaN", "-NaN", "Infinity", "-Infinity"}) {
    if (text.substr(at, word.size()) == word) return word.size();
  }
  return 0;
}

std::string with_nulls_for_no_numbers(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\' && at + 1 < text.size()) {
      result += c;
      result += text[++at];
      continue;
    }
    if (c == '"') in_string = !in_string;
    const std::size_t bytes =
        !in_string && (c == 'N' || c == 'I' || c == '-') ? no_number_at(text, at) : 0;
    if (bytes == 0) {
      result += c;
    } else {
      result += "null";
      at += bytes - 1;
    }
  }
  return result;
}

// Refuses what would take the stack, or time by the square of an object's keys.
class Limits {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json&) {
    if (depth > kMostJsonLevels) throw InputError("is nested too deep");
    const auto level = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start) keys_[level + 1] = 0;
    if (event == Json::parse_event_t::key && ++keys_[level] > kMostJsonKeys) {
      throw InputError("has an object of more than " + std::to_string(kMostJsonKeys) + " keys");
    }
    return true;
  }

 private:
  std::array<std::size_t, kMostJsonLevels + 2> keys_{};
};

template <typename T>
constexpr const char* kNoun = nullptr;
template <>
constexpr const char* kNoun<std::string> = "a string";
template <>
constexpr const char* kNoun<double> = "a number";
template <>
constexpr const char* kNoun<bool> = "true or false";
template <>
constexpr const char* kNoun<std::size_t> = "a count";

template <typename T>
bool holds(const Json& value) {
  if constexpr (std::is_same_v<T, std::string>) return value.is_string();
  if constexpr (std::is_same_v<T, double>)
    return value.is_number() && std::isfinite(value.get<T>());
  if constexpr (std::is_same_v<T, bool>) return value.is_boolean();
  if constexpr (std::is_same_v<T, std::size_t>) return value.is_number_integer() && value >= 0;
}

}  // namespace

Json parse_json(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) throw InputError("is empty");
  if (text.starts_with("\x1f\x8b")) {
    throw InputError("is compressed; gunzip gives what is read here");
  }
  try {
    return Json::parse(with_nulls_for_no_numbers(text), Limits());
  } catch (const Json::parse_error& error) {
    throw InputError("is truncated or no JSON: " + without_code(error.what()));
  } catch (const Json::out_of_range& error) {
    if (error.id != kNumberOverflow) throw;
    throw InputError("holds a number that is too large: " + without_code(error.what()));
  }
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_text(path, kMostJsonBytes));
}

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json* find_member(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

template <typename T>
std::optional<T> member(const Json& object, const std::string& key) {
  const Json* const value = find_member(object, key);
  if (value == nullptr) return std::nullopt;
  if (holds<T>(*value)) return value->get<T>();
  throw InputError("'" + key + "' is " + value->type_name() + ", not " + kNoun<T>);
}

template <typename T>
T required(const Json& object, const std::string& key) {
  if (std::optional<T> value = member<T>(object, key)) return *std::move(value);
  throw InputError("has no '" + key + "'");
}

template std::optional<std::string> member(const Json&, const std::string&);
template std::optional<double> member(const Json&, const std::string&);
template std::optional<bool> member(const Json&, const std::string&);
template std::optional<std::size_t> member(const Json&, const std::string&);
template std::string required(const Json&, const std::string&);
template double required(const Json&, const std::string&);
template std::size_t required(const Json&, const std::string&);

}  // namespace mhabench
