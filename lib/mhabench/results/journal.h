#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mhabench/base/descriptor.h"

namespace mhabench {

/// A row that is over: its reports, repetitions and then aggregates, each an entry of the results
/// file.
struct FinishedRow {
  std::string name;                             ///< as registered
  std::vector<nlohmann::ordered_json> reports;  ///< objects
};

/// What stands in a journal.
struct JournalContent {
  std::string run;                ///< what Journal::start was given; empty where nothing was begun
  std::vector<FinishedRow> rows;  ///< in the order they finished
  std::optional<std::string> begun;  ///< by the last process that held it, and not over
  bool torn = false;                 ///< the last line was not whole, and is left out
  std::size_t bytes = 0;             ///< of the whole lines
};

/// The rows that a run has finished, on disk before the next one begins, in a file beside its
/// results. A line is a JSON object that opens with the CRC-32 of what follows it up to the line's
/// end: {"crc32":"8 hex digits",...}. That finds every burst of up to 32 bits, which a sum or a
/// multiplicative hash does not promise. The first line holds what the run is, then there is
/// a line where a row begins and one where it is over, alone or with others; each process that
/// opens the journal to write leaves a line that says who it is.
///
/// While a Journal lives, no other process can open it: the lock is the kernel's (flock) and goes
/// with the process, however that ends.
class Journal {
 public:
  /// Where the journal of a results file stands.
  static std::filesystem::path path_of(const std::filesystem::path& results);

  /// Opens the journal, or makes an empty one, and reads what it holds. Throws InputError: it
  /// cannot be opened; another process holds it (who, and since when); a line before the last does
  /// not fit its checksum or is no journal's (its number), so that no other file is taken for one.
  explicit Journal(std::filesystem::path path);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// A journal that was neither found nor begun leaves no file.
  ~Journal();

  const std::filesystem::path& path() const { return path_; }

  /// What it held when it was opened; to be taken once.
  JournalContent take_found() { return std::move(found_); }

  /// Empties it and begins anew; `run` is the text of a JSON object. This and all below throw
  /// std::runtime_error "cannot write '<path>': <reason>", and then leave whole lines alone.
  void start(std::string_view run);

  /// Goes on behind the last whole line.
  void go_on();

  void begin_row(std::string_view name);

  /// On the disk when it returns: all of these rows, or none where the process dies.
  void finish(const std::vector<FinishedRow>& rows);

  /// Nothing is left to go on with: the file is gone.
  void remove();

 private:
  void append(std::string_view fields);
  void sync();
  template <typename Act>
  void act(Act&& act);

  std::filesystem::path path_;
  Descriptor file_;
  JournalContent found_;
  std::size_t bytes_;  // of whole lines
  bool removed_ = false;
};

/// Reads the lines of a journal; `path` is for messages. Throws InputError as Journal does.
JournalContent parse_journal(std::string_view text, const std::filesystem::path& path);

}  // namespace mhabench
