#include "mhabench/base/fingerprint.h"

#include <gtest/gtest.h>

namespace mhabench {
namespace {

TEST(Fingerprint, IsFnv1aOverTheTextsAndTheirEnds) {
  EXPECT_EQ(Fingerprint().str(), "cbf29ce484222325");
  // Of "a\0", by the published offset basis and prime.
  EXPECT_EQ(Fingerprint().add("a").str(), "089be207b544f1e4");
}

TEST(Fingerprint, TellsListsApart) {
  const auto of = [](std::initializer_list<const char*> texts) {
    Fingerprint fingerprint;
    for (const char* const text : texts) fingerprint.add(text);
    return fingerprint.str();
  };
  EXPECT_EQ(of({"a", "b"}), of({"a", "b"}));
  EXPECT_NE(of({"a", "b"}), of({"b", "a"}));
  EXPECT_NE(of({"ab"}), of({"a", "b"}));
  EXPECT_NE(of({""}), of({}));
}

}  // namespace
}  // namespace mhabench
