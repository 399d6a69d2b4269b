#include "mhabench/results/journal.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>
#include <utility>

#include <boost/crc.hpp>

#include "mhabench/base/error.h"
#include "mhabench/base/json.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr mode_t kNewFileMode = 0666;
constexpr std::string_view kOpening = R"({"crc32":")";
constexpr std::size_t kDigits = 8;
// A million rows of 3 kB, and more than a file of rows can hold that is still read.
constexpr off_t kMaxBytes = off_t{4} << 30;

std::string checksum(std::string_view fields) {
  boost::crc_32_type crc;
  crc.process_bytes(fields.data(), fields.size());
  std::array<char, kDigits + 1> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(crc.checksum()));
  return text.data();
}

// `fields` are an object's without its opening brace.
std::string line_of(std::string_view fields) {
  return std::string(kOpening) + checksum(fields) + "\"," + std::string(fields) + '\n';
}

bool fits_checksum(std::string_view line) {
  constexpr std::size_t kFields = kOpening.size() + kDigits + 2;
  return line.size() > kFields && line.starts_with(kOpening) &&
         line.substr(0, kFields) == std::string(kOpening) + checksum(line.substr(kFields)) + "\",";
}

std::string text_of(const Json& json) { return dumped(json); }

std::string time_text(std::time_t time) {
  std::tm local{};
  ::localtime_r(&time, &local);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string holder_fields() {
  const std::string who = "process " + std::to_string(::getpid()) + " on " + host_name() +
                          ", since " + time_text(std::time(nullptr));
  return "\"held_by\":" + text_of(who) + '}';
}

// Reads line after line into the content.
class Reader {
 public:
  explicit Reader(const fs::path& path) : path_(path) {}

  void read_line(std::string_view line, std::size_t number) {
    if (!fits_checksum(line)) fail(number, "its checksum does not fit its text");
    try {
      take(parse_json(line), number);
    } catch (const Json::exception& error) {
      fail(number, error.what());
    } catch (const InputError& error) {
      fail(number, error.what());
    }
  }

  [[noreturn]] void fail(std::size_t line, const std::string& what) const {
    throw InputError(
        one_line("journal '" + path_.string() + "', line " + std::to_string(line) + ": " + what));
  }

  JournalContent content;

 private:
  void take(const Json& line, std::size_t number) {
    if (number == 1) return take_first(line);
    if (line.contains("begins")) {
      content.begun = line.at("begins").get<std::string>();
    } else if (line.contains("rows")) {
      for (const Json& row : line.at("rows")) take_finished(row);
      content.begun.reset();
    } else if (line.contains("held_by")) {
      content.begun.reset();  // another process runs that row anew
    } else {
      throw InputError("it is no line of a journal");
    }
  }

  void take_first(const Json& line) {
    if (!line.contains("journal")) throw InputError("it is not the first of a journal");
    if (line.at("journal") != kVersion) {
      throw InputError("it is of version " + line.at("journal").dump() + " of the journal, not " +
                       std::to_string(kVersion));
    }
    content.run = line.at("run").dump();
  }

  void take_finished(const Json& finished) {
    FinishedRow row{finished.at("finished").get<std::string>(), {}};
    if (!names_.insert(row.name).second) throw InputError("row '" + row.name + "' stands twice");
    for (const Json& report : finished.at("reports")) {
      if (!report.is_object()) throw InputError("a report is no JSON object");
      row.reports.push_back(report);
    }
    content.rows.push_back(std::move(row));
  }

  const fs::path& path_;
  std::unordered_set<std::string> names_;
};

// The last line of a journal may be half of one, and nothing but a line's beginning.
bool may_be_torn(std::string_view line, std::size_t number) {
  return number > 1 || (line.find('\n') == std::string_view::npos &&
                        line.substr(0, kOpening.size()) == kOpening.substr(0, line.size()));
}

std::string read_all(const Descriptor& file) {
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) throw Failure(errno);
  if (!S_ISREG(status.st_mode)) throw Failure(EINVAL, "it is no regular file");
  if (status.st_size > kMaxBytes) throw Failure(EFBIG, "it holds more than 4 GiB");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t read = 0;
  while (read < text.size()) {
    const ssize_t count =
        ::pread(file.number(), text.data() + read, text.size() - read, static_cast<off_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failure(errno);
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
  }
  text.resize(read);
  return text;
}

// Who wrote the last line of that kind; what a process that still writes leaves is read with care.
std::string holder_of(const Descriptor& file) {
  constexpr std::string_view kField = "\"held_by\":";
  const std::string text = read_all(file);
  const std::size_t at = text.rfind(kField);
  const std::size_t end = text.find('}', at);
  if (at == std::string::npos || end == std::string::npos) return "another process";
  const Json who = Json::parse(text.substr(at + kField.size(), end - at - kField.size()), nullptr,
                               /*allow_exceptions=*/false);
  return who.is_string() ? one_line(who.get<std::string>()) : "another process";
}

std::string cannot_write(const fs::path& path, const Failure& failure) {
  return "cannot write '" + path.string() + "': " + failure.what();
}

// The process that held the lock before may have removed the file meanwhile.
Descriptor open_locked(const fs::path& path) {
  while (true) {
    Descriptor file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kNewFileMode));
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) throw Failure(EWOULDBLOCK, "held by " + holder_of(file));
      throw Failure(errno);
    }
    if (still_stands(file, path)) return file;
  }
}

Descriptor open_or_tell(const fs::path& path) {
  try {
    return open_locked(path);
  } catch (const Failure& failure) {
    throw InputError(one_line(cannot_write(path, failure)));
  }
}

}  // namespace

JournalContent parse_journal(std::string_view text, const fs::path& path) {
  Reader reader(path);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const std::size_t taken = end == std::string_view::npos ? text.size() : end + 1;
    ++number;
    const bool whole = taken > line.size() && fits_checksum(line);
    if (!whole && taken == text.size() && may_be_torn(text, number)) {
      reader.content.torn = true;
      break;
    }
    reader.read_line(line, number);
    reader.content.bytes += taken;
    text.remove_prefix(taken);
  }
  return std::move(reader.content);
}

fs::path Journal::path_of(const fs::path& results) { return results.string() + ".journal"; }

Journal::Journal(fs::path path) : path_(std::move(path)), file_(open_or_tell(path_)) {
  try {
    found_ = parse_journal(read_all(file_), path_);
    bytes_ = found_.bytes;
  } catch (const Failure& failure) {
    throw InputError(one_line("cannot read '" + path_.string() + "': " + failure.what()));
  }
}

Journal::~Journal() {
  if (bytes_ == 0 && !removed_) ::unlink(path_.c_str());
}

template <typename Act>
void Journal::act(Act&& act) {
  try {
    std::forward<Act>(act)();
  } catch (const Failure& failure) {
    throw std::runtime_error(cannot_write(path_, failure));
  }
}

// What a full disk took half of is taken back.
void Journal::append(std::string_view fields) {
  const std::string line = line_of(fields);
  act([&] {
    try {
      file_.write(line);
    } catch (const Failure&) {
      if (::ftruncate(file_.number(), static_cast<off_t>(bytes_)) != 0) throw Failure(errno);
      throw;
    }
  });
  bytes_ += line.size();
}

void Journal::sync() {
  act([&] { file_.sync_data(); });
}

void Journal::start(std::string_view run) {
  bytes_ = 0;
  act([&] {
    if (::ftruncate(file_.number(), 0) != 0) throw Failure(errno);
  });
  append("\"journal\":" + std::to_string(kVersion) + ",\"run\":" + std::string(run) + '}');
  append(holder_fields());
  act([&] {
    file_.sync();
    sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
  });
}

void Journal::go_on() {
  act([&] {
    if (::ftruncate(file_.number(), static_cast<off_t>(bytes_)) != 0) throw Failure(errno);
  });
  append(holder_fields());
  sync();
}

void Journal::begin_row(std::string_view name) { append("\"begins\":" + text_of(name) + '}'); }

void Journal::finish(const std::vector<FinishedRow>& rows) {
  Json lines = Json::array();
  for (const FinishedRow& row : rows) {
    lines.push_back({{"finished", row.name}, {"reports", row.reports}});
  }
  append("\"rows\":" + text_of(lines) + '}');
  sync();
}

void Journal::remove() {
  act([&] {
    if (::unlink(path_.c_str()) != 0) throw Failure(errno);
  });
  removed_ = true;
}

}  // namespace mhabench
