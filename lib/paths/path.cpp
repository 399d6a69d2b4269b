#include "mhabench/paths/path.h"

#include "mhabench/config/error.h"
#include "mhabench/config/text.h"
#include "mhabench/paths/fast.h"
#include "mhabench/paths/slow.h"

namespace mhabench {

const std::vector<Path>& path_table() {
  static const std::vector<Path> table{
      slow_path(),
      fast_path(),
  };
  return table;
}

std::vector<std::string> path_names() {
  std::vector<std::string> names;
  for (const Path& path : path_table()) names.emplace_back(path.name);
  return names;
}

const Path& find_path(std::string_view name) {
  for (const Path& path : path_table()) {
    if (path.name == name) return path;
  }
  throw InputError("unknown path '" + std::string(name) + "' (allowed: " +
                   join(path_names(), ", ") + ")" + did_you_mean(name, path_names()));
}

}  // namespace mhabench
