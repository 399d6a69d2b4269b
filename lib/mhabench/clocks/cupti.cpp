#include "mhabench/clocks/cupti.h"

#if MHABENCH_WITH_CUPTI
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cupti.h>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#endif

namespace mhabench::cupti {

#if MHABENCH_WITH_CUPTI
namespace {

// Copies between devices are a kind of their own; paths stay on one device.
constexpr std::array kKinds{CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                            CUPTI_ACTIVITY_KIND_MEMSET};

// The functions in use. LibTorch's wheels bring CUPTI and load it with themselves; asked for by the
// name it was loaded under, the loader hands out that very library, and else searches for one.
class Library {
 public:
  Library() : handle_(dlopen(name().c_str(), RTLD_LAZY | RTLD_LOCAL)) {
    load(subscribe, "cuptiSubscribe");
    load(register_callbacks, "cuptiActivityRegisterCallbacks");
    load(enable, "cuptiActivityEnable");
    load(disable, "cuptiActivityDisable");
    load(flush_all, "cuptiActivityFlushAll");
    load(next_record, "cuptiActivityGetNextRecord");
    load(dropped_records, "cuptiActivityGetNumDroppedRecords");
    load(result_name, "cuptiGetResultString");
  }

  static std::string name() { return "libcupti.so." + std::to_string(CUDA_VERSION / 1000); }

  bool found() const { return handle_ != nullptr; }
  bool complete() const { return found() && missing_.empty(); }
  const std::string& missing() const { return missing_; }

  decltype(&cuptiSubscribe) subscribe = nullptr;
  decltype(&cuptiActivityRegisterCallbacks) register_callbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityDisable) disable = nullptr;
  decltype(&cuptiActivityFlushAll) flush_all = nullptr;
  decltype(&cuptiActivityGetNextRecord) next_record = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) dropped_records = nullptr;
  decltype(&cuptiGetResultString) result_name = nullptr;

 private:
  template <typename Function>
  void load(Function*& function, const char* symbol) {
    if (handle_ == nullptr) return;
    function = reinterpret_cast<Function*>(dlsym(handle_, symbol));
    if (function == nullptr) missing_ = symbol;
  }

  void* handle_;
  std::string missing_;
};

// What arrives in CUPTI's callbacks, which know no object to belong to and come from threads of
// CUPTI's own: hence one log for the process.
class ActivityLog {
 public:
  explicit ActivityLog(const Library& library) : library_(library) {}

  void hand_out_buffer(std::uint8_t** buffer, std::size_t* bytes) noexcept;
  void take_back_buffer(std::uint8_t* buffer, std::size_t valid_bytes) noexcept;

  void clear();
  /// What arrived since clear(), and whether some of it was lost for want of memory.
  std::pair<std::vector<KernelRecord>, bool> take();
  std::size_t buffers() const;

 private:
  // Small, since CUPTI fills a buffer with zeros before each use; holds a thousand records.
  struct alignas(8) Buffer {
    std::array<std::uint8_t, 256 * 1024> bytes;
  };

  std::uint8_t* free_buffer();
  bool owns(const std::uint8_t* buffer) const;
  std::vector<KernelRecord> read(std::uint8_t* buffer, std::size_t valid_bytes) const;

  const Library& library_;
  mutable std::mutex mutex_;  // never held while CUPTI is called: it calls back under its own
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<std::uint8_t*> free_;
  std::vector<KernelRecord> records_;
  bool lost_ = false;
};

// Never destroyed: CUPTI's threads and its work at exit may come later than any destructor.
struct Process {
  Library library;
  ActivityLog log{library};
  std::atomic<bool> collecting = false;

  static Process& get() {
    static Process* const process = new Process;
    return *process;
  }
};

void CUPTIAPI buffer_requested(std::uint8_t** buffer, std::size_t* bytes,
                               std::size_t* most_records) {
  *most_records = 0;  // as many as fit
  Process::get().log.hand_out_buffer(buffer, bytes);
}

void CUPTIAPI buffer_completed(CUcontext, std::uint32_t, std::uint8_t* buffer, std::size_t,
                               std::size_t valid_bytes) {
  Process::get().log.take_back_buffer(buffer, valid_bytes);
}

void CUPTIAPI ignore_callback(void*, CUpti_CallbackDomain, CUpti_CallbackId, const void*) {}

std::string describe(CUptiResult result, const std::string& function) {
  const char* name = nullptr;
  if (Process::get().library.result_name(result, &name) != CUPTI_SUCCESS || name == nullptr) {
    name = "an unknown error";
  }
  switch (result) {
    case CUPTI_ERROR_INSUFFICIENT_PRIVILEGES:
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES:
      return "this user may not trace kernels (" + std::string(name) + ")";
    case CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED:
      return "another profiler is at work (" + std::string(name) + ")";
    default:
      return function + " failed (" + name + ')';
  }
}

void check(CUptiResult result, const char* function) {
  if (result != CUPTI_SUCCESS) throw Error(describe(result, function));
}

// CUPTI's users are told to subscribe, which keeps two profilers from taking each other's records.
// No callback is ever enabled for the subscription.
std::optional<std::string> attach() {
  // Without a driver CUPTI 13.2 asks for it in a circle, even for the name of an error, until the
  // stack is full. It looks for the driver under this very name.
  if (dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) == nullptr) {
    return "there is no NVIDIA driver (libcuda.so.1 is not found)";
  }
  const Library& library = Process::get().library;
  if (!library.found()) return Library::name() + " is not found";
  if (!library.complete()) return Library::name() + " has no " + library.missing();
  CUpti_SubscriberHandle subscriber = nullptr;
  const CUptiResult result = library.subscribe(&subscriber, ignore_callback, nullptr);
  if (result == CUPTI_SUCCESS) return std::nullopt;
  return describe(result, "cuptiSubscribe");
}

const char* name_of_copy(std::uint8_t kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
      return "memcpy HtoD";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
      return "memcpy DtoH";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD:
      return "memcpy DtoD";
    default:
      return "memcpy";
  }
}

template <typename Activity>
KernelRecord record_of(RecordKind kind, std::string name, const Activity& activity) {
  return {kind,
          std::move(name),
          static_cast<std::int64_t>(activity.start),
          static_cast<std::int64_t>(activity.end),
          activity.streamId,
          activity.correlationId};
}

// Later versions of these structures begin with the members of earlier ones, so the ones that CUDA
// 12 knows serve for what CUDA 13 writes.
std::optional<KernelRecord> record_of(const CUpti_Activity& activity) {
  if (activity.kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
    const auto& kernel = reinterpret_cast<const CUpti_ActivityKernel9&>(activity);
    return record_of(RecordKind::kernel, kernel.name == nullptr ? "" : kernel.name, kernel);
  }
  if (activity.kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
    const auto& copy = reinterpret_cast<const CUpti_ActivityMemcpy5&>(activity);
    return record_of(RecordKind::copy, name_of_copy(copy.copyKind), copy);
  }
  if (activity.kind == CUPTI_ACTIVITY_KIND_MEMSET) {
    const auto& set = reinterpret_cast<const CUpti_ActivityMemset4&>(activity);
    const bool marker = set.bytes == kMarkerBytes;
    return record_of(marker ? RecordKind::marker : RecordKind::set, "memset", set);
  }
  return std::nullopt;
}

void ActivityLog::hand_out_buffer(std::uint8_t** buffer, std::size_t* bytes) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    *buffer = free_buffer();
    *bytes = sizeof(Buffer);
  } catch (...) {
    *buffer = nullptr;  // CUPTI counts what it drops
    *bytes = 0;
  }
}

// A buffer that is not ours was handed out by whoever had registered before.
void ActivityLog::take_back_buffer(std::uint8_t* buffer, std::size_t valid_bytes) noexcept {
  try {
    {
      const std::lock_guard lock(mutex_);
      if (!owns(buffer)) return;
    }
    std::vector<KernelRecord> records = read(buffer, valid_bytes);
    const std::lock_guard lock(mutex_);
    records_.insert(records_.end(), std::move_iterator(records.begin()),
                    std::move_iterator(records.end()));
    free_.push_back(buffer);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    lost_ = true;
  }
}

void ActivityLog::clear() {
  const std::lock_guard lock(mutex_);
  records_.clear();
  lost_ = false;
}

std::pair<std::vector<KernelRecord>, bool> ActivityLog::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(records_, {}), std::exchange(lost_, false)};
}

std::size_t ActivityLog::buffers() const {
  const std::lock_guard lock(mutex_);
  return buffers_.size();
}

std::uint8_t* ActivityLog::free_buffer() {
  if (free_.empty()) {
    buffers_.push_back(std::make_unique_for_overwrite<Buffer>());
    free_.push_back(buffers_.back()->bytes.data());
  }
  std::uint8_t* const buffer = free_.back();
  free_.pop_back();
  return buffer;
}

bool ActivityLog::owns(const std::uint8_t* buffer) const {
  return std::any_of(buffers_.begin(), buffers_.end(),
                     [&](const auto& own) { return own->bytes.data() == buffer; });
}

std::vector<KernelRecord> ActivityLog::read(std::uint8_t* buffer, std::size_t valid_bytes) const {
  std::vector<KernelRecord> records;
  CUpti_Activity* activity = nullptr;
  while (library_.next_record(buffer, valid_bytes, &activity) == CUPTI_SUCCESS) {
    if (auto record = record_of(*activity)) records.push_back(std::move(*record));
  }
  return records;
}

// All that were enabled, also where some were not.
void disable_all() noexcept {
  for (const CUpti_ActivityKind kind : kKinds) Process::get().library.disable(kind);
}

// Forced: nothing may stay behind and turn up in the next collection. Disabled first, as the
// profiler inside LibTorch does.
CUptiResult stop_and_flush() noexcept {
  disable_all();
  return Process::get().library.flush_all(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
}

}  // namespace

const std::optional<std::string>& unavailable() {
  static const std::optional<std::string> reason = attach();
  return reason;
}

Collection::Collection() {
  if (unavailable()) throw Error(*unavailable());
  Process& process = Process::get();
  if (process.collecting.exchange(true)) throw Error("another trace is going on");
  try {
    // Each time, since the last to register is the one whose callbacks CUPTI calls.
    check(process.library.register_callbacks(buffer_requested, buffer_completed),
          "cuptiActivityRegisterCallbacks");
    process.log.clear();
    for (const CUpti_ActivityKind kind : kKinds) {
      check(process.library.enable(kind), "cuptiActivityEnable");
    }
  } catch (...) {
    disable_all();
    process.collecting = false;
    throw;
  }
  active_ = true;
}

Collection::~Collection() {
  if (!active_) return;
  stop_and_flush();
  Process::get().collecting = false;
}

std::vector<KernelRecord> Collection::finish() {
  Process& process = Process::get();
  check(stop_and_flush(), "cuptiActivityFlushAll");
  std::size_t dropped = 0;
  process.library.dropped_records(nullptr, 0, &dropped);
  auto [records, lost] = process.log.take();
  active_ = false;
  process.collecting = false;
  if (dropped > 0 || lost) throw Error("records were lost for want of memory");
  return std::move(records);
}

std::size_t buffers() { return Process::get().log.buffers(); }

#else

const std::optional<std::string>& unavailable() {
  static const std::optional<std::string> reason = "this build knows no CUPTI";
  return reason;
}

Collection::Collection() { throw Error(*unavailable()); }
Collection::~Collection() = default;
std::vector<KernelRecord> Collection::finish() { return {}; }
std::size_t buffers() { return 0; }

#endif

}  // namespace mhabench::cupti
