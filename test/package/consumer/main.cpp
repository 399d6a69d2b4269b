#include <iostream>

#include "mhabench/base/text.h"
#include "mhabench/config/grid.h"
#include "mhabench/config/names.h"

int main() {
  mhabench::Grid grid = mhabench::named_grid("cpu");
  grid.batches = {2};
  grid.seq_lens = {8};
  grid.embed_dims = {64};
  grid.heads = mhabench::parse_integers("4,8");
  grid.betas = mhabench::parse_decimals("0.85");
  for (const auto& config : mhabench::expand(grid).configs) {
    std::cout << mhabench::row_name("fast", config) << '\n';
  }
}
