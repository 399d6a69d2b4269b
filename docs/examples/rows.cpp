// The table of paths of an mha_bench with a path of one's own. It stands in place of the library's:
// link it with bench/main.cpp, and flags, rows, files and tables take the path from it.
#include "mhabench/paths/path_table.h"
#include "one_by_one.h"

const std::vector<mhabench::Path>& mhabench::path_table() {
  static const std::vector<Path> table{slow_path(), one_by_one_path()};
  return table;
}
