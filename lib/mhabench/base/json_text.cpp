#include "mhabench/base/json_text.h"

#include <string>

#include "mhabench/base/error.h"

namespace mhabench {
namespace {

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

}  // namespace

template <typename Json>
Json parse_json(std::string_view text, const typename Json::parser_callback_t& step) {
  const auto checked = [&](int depth, typename Json::parse_event_t event, Json& parsed) {
    if (depth > kMostJsonLevels) throw InputError("is nested too deep");
    return step == nullptr || step(depth, event, parsed);
  };
  try {
    return Json::parse(text, checked);
  } catch (const typename Json::parse_error& error) {
    throw InputError("is truncated or no JSON: " + without_code(error.what()));
  } catch (const typename Json::out_of_range& error) {
    if (error.id != kNumberOverflow) throw;
    throw InputError("holds a number that is too large: " + without_code(error.what()));
  }
}

template nlohmann::json parse_json(std::string_view, const nlohmann::json::parser_callback_t&);
template nlohmann::ordered_json parse_json(std::string_view,
                                           const nlohmann::ordered_json::parser_callback_t&);

}  // namespace mhabench
