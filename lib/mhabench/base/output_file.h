#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace mhabench {

/// Whether write_file can be expected to write there, asked before anything runs. A regular file
/// (or none yet) is tried by making and removing an empty temporary beside it; what stands there is
/// not touched. Throws InputError "cannot write '<path>': <reason>": an empty path, a directory, a
/// block device or socket, a missing or unwritable directory, no permission, a name too long, ....
void check_writable(const std::filesystem::path& path);

/// Writes the whole of `text` to `path`, or leaves what stood there: a temporary in the same
/// directory is written, flushed to the disk and renamed. The temporary of a process that was
/// killed while it wrote is taken over by the next that writes or checks the same name; of several
/// that write one file at a time, each writes the whole of it, in turn. Symbolic links are
/// followed, so the file that they name is replaced and they stay; permissions of a file replaced
/// are kept. Its owner is the writer, and a mount point or a file in a directory that takes no new
/// file cannot be replaced.
///
/// What is no regular file (/dev/null, a terminal, a FIFO) and what is one of the process's own
/// open files (/dev/stdout, /dev/fd/3) is written to as it stands, and never replaced; stdout's and
/// std::cout's buffers are flushed first.
///
/// Throws std::runtime_error "cannot write '<path>': <reason>", a full disk included; no temporary
/// stays behind.
void write_file(const std::filesystem::path& path, std::string_view text);

/// The regular file that write_file would replace or make for that name, links followed; nothing
/// where it would write to what stands there. Throws InputError as check_writable does where the
/// name cannot be followed.
std::optional<std::filesystem::path> replaced_file(const std::filesystem::path& path);

/// Whether write_file would replace one and the same regular file for both, by whatever names and
/// links, existing or not. False for /dev/null and the like, which take any number of writers.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace mhabench
