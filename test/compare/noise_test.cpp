#include "mhabench/compare/noise.h"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// Figures below that are not plain arithmetic come from SciPy: special.digamma and
// special.polygamma(1, x), optimize.brentq on polygamma(1, x) - value, stats.t.sf and stats.t.ppf.

RowTimes row_of(std::string path, const std::vector<double>& base_us,
                const std::vector<double>& next_us) {
  RowTimes row{std::move(path), {}, {}};
  for (const double us : base_us) row.base.emplace_back(std::log(us));
  for (const double us : next_us) row.next.emplace_back(std::log(us));
  return row;
}

TEST(TrigammaInverse, InvertsFromTinyToHuge) {
  EXPECT_NEAR(trigamma_inverse(0.01), 100.49916668194317, 1e-6);
  EXPECT_NEAR(trigamma_inverse(0.5), 2.4599529483523077, 1e-8);
  EXPECT_NEAR(trigamma_inverse(30), 0.18662253008393498, 1e-8);
  EXPECT_NEAR(trigamma_inverse(1e-8) * 1e-8, 1, 1e-6);
  EXPECT_NEAR(trigamma_inverse(1e8) * 1e4, 1, 1e-3);
}

TEST(VariancePrior, IsThatOfTheLogarithmsMoments) {
  const std::vector<Variance> variances{{0.25, 4}, {1, 4},     {4, 4}, {0.5, 2},
                                        {2, 4},    {0.125, 3}, {8, 4}, {1.5, 4}};
  const Variance prior = prior_of(variances);
  EXPECT_NEAR(prior.value, 0.7427049609812041, 1e-9);
  EXPECT_NEAR(prior.freedom, 1.7530191787741376, 1e-8);
  const Variance posterior = moderated({2, 4}, prior);
  EXPECT_NEAR(posterior.value, 1.6168859779036626, 1e-9);
  EXPECT_NEAR(posterior.freedom, 5.753019178774138, 1e-8);
}

TEST(VariancePrior, IsTheMeanWhereVariancesDifferNoMoreThanByChance) {
  const std::vector<Variance> variances{{1e-4, 4}, {1.1e-4, 4}, {0.9e-4, 4}, {1.05e-4, 4}};
  const Variance prior = prior_of(variances);
  EXPECT_NEAR(prior.value, 1.0125e-4, 1e-12);
  EXPECT_EQ(prior.freedom, 16) << "all that they rest on, and no more";
}

TEST(VariancePrior, LeavesOutUnknownVariances) {
  const std::vector<Variance> variances{{1e-4, 4}, {0, 0}, {1e-4, 4}};
  EXPECT_EQ(prior_of(variances).freedom, 8);
  EXPECT_EQ(prior_of({}).freedom, 0);
  const std::vector<Variance> unknown{{0, 0}, {0, 0}};
  EXPECT_EQ(prior_of(unknown).freedom, 0);
}

TEST(VariancePrior, OfZeroVariancesIsWhatNoClockResolves) {
  const std::vector<Variance> zeros(10, {0, 4});
  const Variance prior = prior_of(zeros);
  EXPECT_NEAR(prior.value, kLeastDeviation * kLeastDeviation, 1e-20);
  EXPECT_EQ(prior.freedom, 40);
}

TEST(VariancePrior, FindsTheParametersThatVariancesWereDrawnFrom) {
  std::mt19937_64 random(7);
  std::chi_squared_distribution<double> prior_chi(6), own_chi(4);
  std::vector<Variance> variances;
  for (int i = 0; i < 20000; ++i) {
    const double truth = 6 * 2e-5 / prior_chi(random);
    variances.push_back({truth * own_chi(random) / 4, 4});
  }
  const Variance prior = prior_of(variances);
  EXPECT_NEAR(prior.value, 2e-5, 0.05 * 2e-5);
  EXPECT_NEAR(prior.freedom, 6, 0.6);
}

TEST(VarianceSum, HasSatterthwaitesFreedom) {
  const Variance sum = sum_of({3, 2}, {5, 10});
  EXPECT_EQ(sum.value, 8);
  EXPECT_NEAR(sum.freedom, 9.142857142857142, 1e-12);
  EXPECT_EQ(sum_of({3, 2}, {0, 0}).freedom, 0) << "one part of it is unknown";
}

TEST(Student, TailAndQuantile) {
  EXPECT_NEAR(upper_tail(2.5, 6.3), 0.02233360249246645, 1e-12);
  EXPECT_NEAR(student_quantile(0.975, 4), 2.7764451051977934, 1e-10);
}

// By hand: sorted 0.005, 0.01, 0.03, 0.04, times 4 over the rank: 0.02, 0.02, 0.04, 0.04.
TEST(FalseDiscoveryRates, AreBenjaminiAndHochbergs) {
  const std::vector<double> rates = false_discovery_rates(std::vector{0.01, 0.04, 0.03, 0.005});
  const std::vector<double> expected{0.02, 0.04, 0.04, 0.02};
  ASSERT_EQ(rates.size(), expected.size());
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_DOUBLE_EQ(rates[i], expected[i]);
  EXPECT_TRUE(false_discovery_rates({}).empty());
}

// By hand: 0.02 over 5 is above 0.01, 0.9 over 2 above 1, and no rate exceeds that of a larger p.
TEST(FalseDiscoveryRates, GrowWithTheValuesAndEndAtOne) {
  const std::vector<double> rates = false_discovery_rates(std::vector{0.9, 0.02, 0.95, 0.5, 0.6});
  const std::vector<double> expected{0.95, 0.1, 0.95, 0.95, 0.95};
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_NEAR(rates[i], expected[i], 1e-12) << i;
}

TEST(NoiseGroups, AreByPathAndDecadeOfTime) {
  EXPECT_EQ(group_of(row_of("slow", {9.9}, {9.9})), NoiseGroup("slow", 0));
  EXPECT_EQ(group_of(row_of("slow", {10.1}, {10.1})), NoiseGroup("slow", 1));
  EXPECT_EQ(group_of(row_of("fast", {0.2}, {0.2})), NoiseGroup("fast", -1));
  EXPECT_EQ(group_of(row_of("fast", {900, 1200}, {})), NoiseGroup("fast", 3));
}

TEST(Noise, OfOneRunASideIsUnknown) {
  const std::vector<RowTimes> rows(20, row_of("slow", {100}, {101}));
  const Noise noise(rows);
  EXPECT_EQ(noise.of_row(3).freedom, 0);
}

TEST(Noise, OfFewRowsIsTheRowsOwn) {
  const std::vector<RowTimes> rows{row_of("slow", {100, 101, 99.5}, {108, 107, 109})};
  const Variance variance = Noise(rows).of_row(0);
  EXPECT_NEAR(std::sqrt(variance.value), 0.008477708953150954, 1e-12);
  EXPECT_EQ(variance.freedom, 4);
}

TEST(Noise, OfTwoRunsAgainstOneHasOneDegreeOfFreedomOfItsOwn) {
  const std::vector<RowTimes> rows{row_of("slow", {100, 101}, {108})};
  EXPECT_EQ(Noise(rows).of_row(0).freedom, 1);
}

// What a run moves in all rows is one draw, however many rows there are.
TEST(Noise, SharedByARunIsNoBetterKnownThroughMoreRows) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  std::vector<RowTimes> rows(500, {"slow", Times(3, 0.0), Times(3, 0.0)});
  for (Times RowTimes::*side : {&RowTimes::base, &RowTimes::next}) {
    for (std::size_t run = 0; run < 3; ++run) {
      const double shared = 0.05 * normal(random);
      for (RowTimes& row : rows) (row.*side)[run] = 5 + shared + 0.001 * normal(random);
    }
  }
  const Noise noise(rows);
  EXPECT_NEAR(noise.of_row(0).freedom, 4, 0.1);
  EXPECT_GT(noise.of_row(0).value, 0.01 * 0.01);
  const GroupNoise* const group = find_noise(noise.groups(), {"slow", 2});
  ASSERT_NE(group, nullptr);
  EXPECT_NEAR(std::sqrt(group->row.value), 0.001, 1e-4);
  EXPECT_EQ(group->run.freedom, 4);
}

TEST(Noise, OfEachRowAloneIsSharedByAllRows) {
  std::mt19937_64 random(12);
  std::normal_distribution<double> normal;
  std::vector<RowTimes> rows(500, {"slow", Times(3, 0.0), Times(3, 0.0)});
  for (RowTimes& row : rows) {
    for (Times* side : {&row.base, &row.next}) {
      for (auto& time : *side) time = 5 + 0.01 * normal(random);
    }
  }
  const Variance variance = Noise(rows).of_row(0);
  EXPECT_NEAR(std::sqrt(variance.value), 0.01, 0.001);
  EXPECT_GT(variance.freedom, 50);
}

// Processes that are quick or slow by chance: some rows meet one mode in all of a side's runs.
TEST(Noise, OfTimesInModesIsNoLessForRowsThatMetOne) {
  std::mt19937_64 random(13);
  std::bernoulli_distribution is_slow(0.5);
  std::vector<RowTimes> rows(400, {"slow", Times(3, 0.0), Times(3, 0.0)});
  for (RowTimes& row : rows) {
    for (Times* side : {&row.base, &row.next}) {
      for (auto& time : *side) time = 5 + (is_slow(random) ? std::log(1.5) : 0);
    }
  }
  rows.front() = row_of("slow", {149, 149, 149}, {223, 223, 223});
  const double one_mode = Noise(rows).of_row(0).value;
  const double in_modes = Noise(rows, nullptr, true).of_row(0).value;
  const double variance = std::log(1.5) * std::log(1.5) / 4;
  EXPECT_LT(one_mode, 0.8 * variance);
  EXPECT_NEAR(in_modes, variance, 0.1 * variance);
}

TEST(Noise, AllEqualIsStillNoZero) {
  const std::vector<RowTimes> rows(20, row_of("slow", {100, 100, 100}, {100, 100, 100}));
  const Variance variance = Noise(rows).of_row(0);
  EXPECT_GE(variance.value, kLeastDeviation * kLeastDeviation);
  EXPECT_GT(variance.freedom, 0);
}

TEST(Noise, ComesFromAModelWhereThereIsOneRunASide) {
  const NoiseGroups model{{{"slow", 2}, {{1e-4, 5}, {3e-4, 40}, 100}}};
  const std::vector<RowTimes> rows{row_of("slow", {200}, {210}), row_of("slow", {20}, {21}),
                                   row_of("fast", {200}, {210})};
  const Noise noise(rows, &model);
  EXPECT_NEAR(noise.of_row(0).value, 4e-4, 1e-12);
  EXPECT_NEAR(noise.of_row(0).freedom, 16e-8 / (1e-8 / 5 + 9e-8 / 40), 1e-6);
  EXPECT_EQ(noise.of_row(1).freedom, 0) << "a decade that the model does not have";
  EXPECT_EQ(noise.of_row(2).freedom, 0) << "a path that the model does not have";
}

TEST(Noise, OfAModelIsJoinedByTheRunsAtHand) {
  const NoiseGroups model{{{"slow", std::nullopt}, {{1e-4, 6}, {1e-4, 6}, 100}}};
  const std::vector<RowTimes> rows{row_of("slow", {100, 100}, {100, 100})};
  const Variance variance = Noise(rows, &model).of_row(0);
  // The row's own: (2 * 0 + 6 * 1e-4) / 8. Its run is the model's.
  EXPECT_NEAR(variance.value, 0.75e-4 + 1e-4, 1e-12);
}

TEST(Noise, CopesWithRunsThatLackTheRow) {
  std::vector<RowTimes> rows(20, row_of("slow", {100, 101, 102}, {100, 101, 102}));
  rows[3].base[1].reset();
  rows[4].next = {rows[4].next[0], std::nullopt, std::nullopt};
  const Noise noise(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(std::isfinite(noise.of_row(i).value)) << i;
    EXPECT_GT(noise.of_row(i).freedom, 0) << i;
  }
}

}  // namespace
}  // namespace mhabench
