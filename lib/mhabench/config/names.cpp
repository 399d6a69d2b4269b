#include "mhabench/config/names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench {
namespace {

constexpr std::array<std::pair<Dtype, std::string_view>, 3> kDtypes{{
    {Dtype::fp32, "fp32"},
    {Dtype::fp16, "fp16"},
    {Dtype::bf16, "bf16"},
}};

constexpr std::array<std::pair<LengthsKind, std::string_view>, 5> kLengths{{
    {LengthsKind::script, "script"},
    {LengthsKind::beta, "beta"},
    {LengthsKind::full, "full"},
    {LengthsKind::uniform, "uniform"},
    {LengthsKind::replayed, "replayed"},
}};

constexpr std::array<std::pair<L2Mode, std::string_view>, 2> kL2Modes{{
    {L2Mode::warm, "warm"},
    {L2Mode::rotate, "rotate"},
}};

constexpr std::array<std::pair<SdpaBackend, std::string_view>, 4> kSdpa{{
    {SdpaBackend::flash, "flash"},
    {SdpaBackend::efficient, "efficient"},
    {SdpaBackend::cudnn, "cudnn"},
    {SdpaBackend::math, "math"},
}};

constexpr std::string_view kPrefix = "MHA";
constexpr std::string_view kBetaLengths = "lengths:beta";
constexpr std::string_view kOldScriptLengths = "lengths:numpy";

template <typename Enum, std::size_t N>
std::string_view lookup_name(const std::array<std::pair<Enum, std::string_view>, N>& table,
                             Enum value) {
  return std::find_if(table.begin(), table.end(), [&](const auto& e) { return e.first == value; })
      ->second;
}

template <typename Enum, std::size_t N>
Enum lookup_value(const std::array<std::pair<Enum, std::string_view>, N>& table, std::size_t count,
                  std::string_view text, std::string_view noun) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    if (table[i].second == text) return table[i].first;
    names.emplace_back(table[i].second);
  }
  throw InputError(unknown_word(noun, text, names));
}

std::string lengths_part(const LengthsSource& lengths) {
  switch (lengths.kind) {
    case LengthsKind::script:
      return "beta:" + lengths.beta.value().str();
    case LengthsKind::beta:
      return "beta:" + lengths.beta.value().str() + '/' + std::string(kBetaLengths);
    case LengthsKind::full:
    case LengthsKind::uniform:
      return "lengths:" + std::string(name_of(lengths.kind));
    case LengthsKind::replayed:
      return "lengths:" + lengths.stem + '.' + std::to_string(lengths.line);
  }
  return {};
}

// What is off its default alone, so that names of earlier results stay as they were.
std::string modes_part(const MhaConfig& config) {
  std::string modes;
  if (config.sdpa) modes += "/sdpa:" + std::string(name_of(*config.sdpa));
  if (config.l2 != L2Mode::warm) modes += "/l2:" + std::string(name_of(config.l2));
  return modes;
}

// Takes the parts of a name one after the other and says what was expected where one is off.
class Parts {
 public:
  explicit Parts(std::string_view name) : parts_(split(name, '/')) {}

  std::string_view next(std::string_view expected) {
    if (at_ == parts_.size()) fail(expected);
    return parts_[at_++];
  }

  bool next_is(std::string_view text) const { return at_ < parts_.size() && parts_[at_] == text; }

  bool next_has(std::string_view key) const {
    return at_ < parts_.size() && parts_[at_].starts_with(key);
  }

  void skip(std::string_view text) {
    if (!next_is(text)) fail(text);
    ++at_;
  }

  std::string_view value(std::string_view key) {
    if (!next_has(key)) fail(key);
    return parts_[at_++].substr(key.size());
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const {
    throw InputError("expected '" + std::string(expected) + "' as part " + std::to_string(at_ + 1));
  }

  std::vector<std::string_view> parts_;
  std::size_t at_ = 0;
};

LengthsSource parse_beta_part(Parts& parts) {
  LengthsSource lengths;
  lengths.beta = Decimal::parse(parts.value("beta:"));
  if (*lengths.beta <= Decimal{}) {
    throw InputError("beta '" + lengths.beta->str() + "' is not above 0");
  }
  if (parts.next_is(kBetaLengths)) {
    parts.skip(kBetaLengths);
    lengths.kind = LengthsKind::beta;
  } else if (parts.next_is(kOldScriptLengths)) {
    parts.skip(kOldScriptLengths);
  }
  return lengths;
}

LengthsSource parse_lengths_part(Parts& parts) {
  if (parts.next_has("beta:")) return parse_beta_part(parts);
  LengthsSource lengths;
  const std::string_view source = parts.value("lengths:");
  if (const std::size_t dot = source.rfind('.'); dot != std::string_view::npos) {
    lengths.kind = LengthsKind::replayed;
    lengths.stem = source.substr(0, dot);
    lengths.line = static_cast<int>(parse_positive(source.substr(dot + 1)));
    return lengths;
  }
  lengths.kind = parse_lengths_kind(source);
  if (has_beta(lengths.kind)) {
    throw InputError("lengths '" + std::string(source) + "' stand after a beta");
  }
  return lengths;
}

RowName parse_parts(Parts& parts) {
  RowName row;
  parts.skip(kPrefix);
  row.path = parts.next("a path");
  row.config.dtype = parse_dtype(parts.next("a dtype"));
  row.config.batch = parse_positive(parts.value("batch:"));
  row.config.seq_len = parse_positive(parts.value("seq_len:"));
  row.config.embed_dim = parse_positive(parts.value("embed_dim:"));
  row.config.heads = parse_positive(parts.value("heads:"));
  row.config.lengths = parse_lengths_part(parts);
  if (parts.next_has("sdpa:")) row.config.sdpa = parse_sdpa(parts.value("sdpa:"));
  if (parts.next_has("l2:")) row.config.l2 = parse_l2_mode(parts.value("l2:"));
  return row;
}

}  // namespace

std::string_view name_of(Dtype dtype) { return lookup_name(kDtypes, dtype); }

Dtype parse_dtype(std::string_view text) {
  return lookup_value(kDtypes, kDtypes.size(), text, "dtype");
}

std::vector<std::string> dtype_names() {
  std::vector<std::string> names;
  for (const auto& [dtype, name] : kDtypes) names.emplace_back(name);
  return names;
}

std::string_view name_of(LengthsKind kind) { return lookup_name(kLengths, kind); }

std::string current_lengths_name(std::string_view name) {
  return std::string(name == "numpy" ? name_of(LengthsKind::script) : name);
}

LengthsKind parse_lengths_kind(std::string_view given) {
  const std::string text = current_lengths_name(given);
  // "replayed", the last of the table, is asked for by giving a file, not by its name.
  return lookup_value(kLengths, kLengths.size() - 1, text, "source of lengths");
}

std::string_view name_of(L2Mode mode) { return lookup_name(kL2Modes, mode); }

L2Mode parse_l2_mode(std::string_view text) {
  return lookup_value(kL2Modes, kL2Modes.size(), text, "L2 mode");
}

std::string_view name_of(SdpaBackend backend) { return lookup_name(kSdpa, backend); }

SdpaBackend parse_sdpa(std::string_view text) {
  return lookup_value(kSdpa, kSdpa.size(), text, "SDPA back end");
}

std::vector<std::string> sdpa_names() {
  std::vector<std::string> names;
  for (const auto& [backend, name] : kSdpa) names.emplace_back(name);
  return names;
}

std::string config_name(const MhaConfig& config) {
  return std::string(name_of(config.dtype)) + "/batch:" + std::to_string(config.batch) +
         "/seq_len:" + std::to_string(config.seq_len) +
         "/embed_dim:" + std::to_string(config.embed_dim) +
         "/heads:" + std::to_string(config.heads) + '/' + lengths_part(config.lengths) +
         modes_part(config);
}

std::string row_name(std::string_view path, const MhaConfig& config) {
  return std::string(kPrefix) + '/' + std::string(path) + '/' + config_name(config);
}

RowName parse_row_name(std::string_view name) {
  try {
    Parts parts(name);
    return parse_parts(parts);
  } catch (const InputError& error) {
    throw InputError("'" + std::string(name) + "' is not the name of a row: " + error.what());
  }
}

std::string current_row_name(std::string_view name, std::string_view lengths) {
  std::vector<std::string> parts;
  bool tells_lengths = false;
  for (const std::string_view part : split(name, '/')) {
    if (part == kOldScriptLengths) continue;
    tells_lengths = tells_lengths || part.starts_with("lengths:");
    parts.emplace_back(part);
  }
  const auto beta = std::ranges::find_if(
      parts, [](const std::string& part) { return part.starts_with("beta:"); });
  if (lengths == name_of(LengthsKind::beta) && !tells_lengths && beta != parts.end()) {
    parts.emplace(std::next(beta), kBetaLengths);
  }
  return join(parts, "/");
}

}  // namespace mhabench
