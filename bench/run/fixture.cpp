#include "bench/run/fixture.h"

#include <utility>

namespace mhabench::bench {

MhaFixture::MhaFixture(std::string name, std::unique_ptr<RowSource> source, RowStore& rows)
    : name_(std::move(name)), source_(std::move(source)), rows_(rows) {}

void MhaFixture::SetUp(benchmark::State&) { source_->prepare(); }

void MhaFixture::BenchmarkCase(benchmark::State& state) {
  constexpr double kSecondsPerMicrosecond = 1e-6;
  const std::int64_t calls = source_->plan_calls(static_cast<std::int64_t>(state.max_iterations));
  // Rows without a time enter the loop too: the library takes the number of calls from there.
  while (state.KeepRunningBatch(calls)) {
    state.SetIterationTime(source_->time(calls) * kSecondsPerMicrosecond);
  }
}

void MhaFixture::TearDown(benchmark::State& state) {
  Row row = source_->finish();
  if (row.status != RowStatus::measured) {
    const char* const prefix = row.status == RowStatus::skipped ? "skipped: " : "";
    state.SkipWithError((prefix + row.message).c_str());
  }
  for (const auto& [field, value] : numbers_of(row)) {
    state.counters[field] = benchmark::Counter(value);
  }
  if (!row.backend.empty()) state.SetLabel(row.backend);
  rows_.put(name_, std::move(row));
}

}  // namespace mhabench::bench
