#pragma once

namespace mhabench::bench {

/// To be called before anything else: a reader of stdout that leaves (`| head -1`) does not end the
/// run, and a standard stream that is closed (`>&-`) does not lend its descriptor to a file that is
/// opened later.
void secure_standard_streams();

/// Flushes stdout. False where not all that was printed has arrived, on a full disk for example;
/// true where the reader left, who has what it wanted.
bool stdout_arrived();

}  // namespace mhabench::bench
