"""Runs two builds of mha_bench in alternation and holds one's rows against the other's.

  scripts/regress BASE NEW [-- FLAG...]            two revisions of this project
  scripts/regress --base_torch=TORCH --new_torch=TORCH [-- FLAG...]
                                                   this revision on two LibTorch installs, each a
                                                   folder or a version that scripts/setup fetched
  scripts/regress --base_bin=FILE --new_bin=FILE [-- FLAG...]
                                                   two programs that are built already
  scripts/regress --calibrate=FILE [REV] [-- FLAG...]
                                                   one build with itself: writes a noise model

Flags after "--" go to mha_bench (--grid=quick, --benchmark_filter=...). Runs alternate base, new,
new, base, ... so that a drift moves both sides alike. Every half minute between rows a canary (one
matrix product, mha_bench --canary=30) shows whether the machine's clock moved: the rows between two
canaries of which one is off the median of its side by more than --canary_limit are run again, twice
at most, and the report says which. A build that knows no --canary goes unwatched.

All results files, logs, canaries and the report stay in the evidence folder; of a run with rows that
were run again, its first file too (new2.first.json) and theirs (new2.again1.json). The exit status is
mha_compare's: 0 nothing worse, 1 something worse, 2 not comparable or a wrong flag, 4 undecided, 5
where a build or a run failed; 130 and 143 after a signal.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from mhabench.advise.lengths import check_regular
from mhabench.output import check_output, make_folder
from mhabench.program import ROOT, Failure, InputError, parser_of, tell, underscored
from mhabench.regress.builds import built, revision_of, torch_named
from mhabench.regress.session import Session

FEWEST_RUNS = 3


def flags_of():
    usage = "scripts/regress BASE NEW [--flag=value ...] [-- FLAG...]"
    parser = parser_of("scripts/regress", usage, __doc__)
    parser.add_argument("revisions", nargs="*", metavar="REV", help="revisions to build")
    for side in ("base", "new"):
        parser.add_argument(f"--{side}_torch", metavar="TORCH", help="a LibTorch install")
        parser.add_argument(f"--{side}_bin", metavar="FILE", type=Path, help="a built mha_bench")
    parser.add_argument("--calibrate", metavar="FILE", type=Path, help="noise model to write")
    parser.add_argument("--noise_model", metavar="FILE", type=Path, help="given to mha_compare")
    parser.add_argument("--runs", type=int, metavar="N", help="a side (default: 3; 6 to calibrate)")
    parser.add_argument("--threshold", default="0.02", metavar="SHARE", help="default: 0.02")
    parser.add_argument("--clock", default="both", help="busy, event or both (default)")
    parser.add_argument(
        "--canary_limit", type=float, default=0.05, metavar="SHARE", help="default: 0.05"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="the evidence folder")
    parser.add_argument("--compare_bin", metavar="FILE", type=Path, help="a built mha_compare")
    return parser


def checked_arguments(arguments):
    """Splits off what is mha_bench's, reads the rest, and says what does not go together."""
    flags = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, flags = arguments[:at], arguments[at + 1 :]
    parser = flags_of()
    options = parser.parse_args(underscored(arguments))
    options.flags = flags
    options.runs = options.runs or (6 if options.calibrate else FEWEST_RUNS)
    torch = (options.base_torch, options.new_torch)
    programs = (options.base_bin, options.new_bin)
    if options.runs < FEWEST_RUNS:
        parser.error(f"--runs={options.runs} is under {FEWEST_RUNS}, the fewest that show noise")
    if not 0 < options.canary_limit:
        parser.error("--canary_limit must be above 0")
    if any("--benchmark_out" in flag.replace("-", "_").replace("__", "--") for flag in flags):
        parser.error("--benchmark_out is this script's own")
    if options.calibrate:
        if any(torch) or options.new_bin or len(options.revisions) > 1:
            parser.error("--calibrate takes one build: a revision or --base_bin, or neither")
        if options.base_bin and options.revisions:
            parser.error("--base_bin and a revision exclude each other")
    elif any(programs):
        if not all(programs) or any(torch) or options.revisions:
            parser.error("--base_bin and --new_bin stand together, without revisions or LibTorch")
    elif any(torch):
        if not all(torch) or len(options.revisions) > 1:
            parser.error("--base_torch and --new_torch stand together, with one revision or none")
    elif len(options.revisions) != 2:
        parser.error("needs two revisions, BASE and NEW (--help shows other ways)")
    for path in (*programs, options.noise_model, options.compare_bin):
        if path is not None and not path.exists():
            parser.error(f"'{path}' does not exist")
    lengths = lengths_files(flags)
    for path in lengths:
        check_regular(path)
    if options.calibrate:
        check_output(options.calibrate, [*lengths, *filter(None, programs)])
    return options


def lengths_files(flags):
    """Those that every run reads."""
    named = [flag.partition("=")[::2] for flag in flags]
    return [value for name, value in named if name.replace("-", "_") == "__lengths_file" and value]


def programs_of(options):
    if options.base_bin:
        new = [] if options.calibrate else [("new", options.new_bin.resolve())]
        return [("base", options.base_bin.resolve()), *new]
    names = options.revisions or ["HEAD"]
    revisions = [revision_of(name) for name in names]
    if options.base_torch:
        torches = [torch_named(text) for text in (options.base_torch, options.new_torch)]
        return [(s, built(revisions[0], t)) for s, t in zip(("base", "new"), torches)]
    named = os.environ.get("MHABENCH_TORCH")
    torch = torch_named(named) if named else None
    return [(side, built(revision, torch)) for side, revision in zip(("base", "new"), revisions)]


def compare_program(options):
    if options.compare_bin:
        return options.compare_bin.resolve()
    for preset in ("release", "test", "dev", "ci"):
        program = ROOT / "build" / preset / "bin" / "mha_compare"
        if program.exists():
            return program
    raise InputError(
        "mha_compare is not built: scripts/run --list builds it, or name one with --compare_bin"
    )


def compared(options, files, program):
    command = [str(program)]
    if options.calibrate:
        command += [f"--calibrate={options.calibrate.resolve()}", *map(str, files["base"])]
    else:
        command += [f"--{side}={path}" for side in ("base", "new") for path in files[side]]
        command += [f"--threshold={options.threshold}", f"--clock={options.clock}"]
        if options.noise_model:
            command.append(f"--noise_model={options.noise_model}")
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stderr.write(result.stderr)
    if result.returncode < 0:
        raise Failure(f"{program} was ended by signal {-result.returncode}")
    return result.returncode, result.stdout


def evidence_folder(options):
    folder = options.out or ROOT / "build" / "regress" / time.strftime("evidence-%Y%m%d-%H%M%S")
    make_folder(folder)
    if any(folder.glob("*.json")):
        raise InputError(f"'{folder}' holds results already; name another with --out")
    return folder


def main(arguments):
    options = checked_arguments(arguments)
    compare = compare_program(options)
    folder = evidence_folder(options)
    session = Session(programs_of(options), options.flags, folder.resolve(), options.canary_limit)
    try:
        files = session.run_all(options.runs)
    except Failure as error:
        session.keep(str(error))
        raise
    status, report = compared(options, files, compare)
    session.keep(report)
    sys.stdout.write(report)
    tell(f"evidence in {folder}")
    return status
