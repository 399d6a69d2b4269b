#pragma once

#include <string>

namespace CLI {
class App;
}

namespace mhabench::bench {

/// The app's description, usage, flags by group and footer, at most 100 columns wide. CLI11's own
/// layout differs from version to version and does not wrap in the older ones.
std::string format_help(const CLI::App& app);

}  // namespace mhabench::bench
