#include "bench/console/program.h"

#include <algorithm>
#include <exception>

#include "bench/console/standard_streams.h"
#include "bench/console/tell.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {

std::vector<std::string> arguments_of(int argc, char** argv) {
  return {argv + std::min(argc, 1), argv + argc};
}

int run_program(std::string_view name, const std::function<int()>& body) {
  secure_standard_streams();
  set_program_name(name);
  try {
    const int status = body();
    if (stdout_arrived()) return status;
    tell("not all of the output could be written to stdout");
    return status == kCorrect || status == kUndecided ? kFailed : status;
  } catch (const InputError& error) {
    tell(one_line(error.what()));
    return kUsage;
  } catch (const std::exception& error) {
    tell(one_line(error.what()));
  } catch (...) {
    tell("something that is no std::exception was thrown");
  }
  return kFailed;
}

}  // namespace mhabench::bench
