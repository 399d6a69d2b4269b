#include "bench/workers/worker_messages.h"

#include <variant>

#include <gtest/gtest.h>

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;

template <typename Message>
Message sent_to_parent(const Message& message) {
  const std::string line = text_of(FromWorker(message));
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  return std::get<Message>(parse_from_worker(line));
}

TEST(WorkerMessagesTest, OfAWorkerArriveAsTheyWere) {
  const Hello hello = sent_to_parent(
      Hello{"cuda:1", "CUDA device:  one", "no\nluck", "no rights", {{"seed", 7}}, {{"mhz", 1}}});
  EXPECT_EQ(hello.device, "cuda:1");
  EXPECT_EQ(hello.device_line, "CUDA device:  one");
  EXPECT_EQ(hello.notice, "no\nluck");
  EXPECT_EQ(hello.why_no_trace, "no rights");
  EXPECT_EQ(hello.context, (Json{{"seed", 7}}));
  EXPECT_EQ(hello.state, (Json{{"mhz", 1}}));

  EXPECT_EQ(sent_to_parent(Ready{{{"copy", 4}}}).peaks, (Json{{"copy", 4}}));
  EXPECT_TRUE(sent_to_parent(Ready{}).peaks.is_null());
  EXPECT_EQ(sent_to_parent(Begun{"MHA/slow"}).row, "MHA/slow");

  const std::vector<Json> reports{{{"a", "one\ntwo"}}, Json::object()};
  const FinishedRow row = sent_to_parent(Finished{{"MHA/slow", reports}}).row;
  EXPECT_EQ(row.name, "MHA/slow");
  EXPECT_EQ(row.reports, reports);

  const Farewell farewell =
      sent_to_parent(Farewell{{{"mhz", 2}}, "3 s in all", Json::array({180.5})});
  EXPECT_EQ(farewell.state, (Json{{"mhz", 2}}));
  EXPECT_EQ(farewell.phases, "3 s in all");
  EXPECT_EQ(farewell.canaries, Json::array({180.5}));
}

TEST(WorkerMessagesTest, ToAWorkerArriveAsTheyWere) {
  const ToWorker rows = parse_to_worker(text_of(ToWorker(Assignment{{3, 4}, {"MHA/slow"}})));
  EXPECT_EQ(std::get<Assignment>(rows).rows, (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(std::get<Assignment>(rows).seen, std::vector<std::string>{"MHA/slow"});
  EXPECT_TRUE(std::holds_alternative<GoOn>(parse_to_worker(text_of(ToWorker(GoOn{})))));
  EXPECT_TRUE(std::holds_alternative<Stop>(parse_to_worker(text_of(ToWorker(Stop{})))));
}

TEST(WorkerMessagesTest, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(sent_to_parent(Begun{"a\xff"
                                 "b"})
                .row,
            "a\xef\xbf\xbd"
            "b");
}

TEST(WorkerMessagesTest, WhatIsNoMessageThrows) {
  for (const char* const line : {"", "{", "[]", "{\"hello\":{}}", "{\"what\":1}"}) {
    EXPECT_THROW(parse_from_worker(line), Json::exception) << line;
    EXPECT_THROW(parse_to_worker(line), Json::exception) << line;
  }
}

}  // namespace
}  // namespace mhabench::bench
