"""Measures what docs/results/<gpu>/ keeps, on an idle machine with the GPU, in named steps.

  scripts/collect DIR                      every step; those that are done already are not run again
  scripts/collect DIR --steps=grid,repeat  these alone
  scripts/collect --list                   the steps

A step that fails stops no other. Each leaves its files in DIR, results gzipped and without what
names the host; what the runs wrote as it was, and their logs, stay in DIR/raw, which is not for
keeping.
DIR/steps.json holds each step's commands, times and outcome, DIR/README.md what they say.

Exit status: 0 all steps are done, or skipped with a reason; 1 a step failed; 2 the command line, or
DIR, is at fault; 5 mha_bench does not run, or a disk is full; 130 and 143 after a signal, with all
finished runs kept.
"""

import difflib
import fcntl
import signal
import sys
from pathlib import Path

from mhabench.collect.page import write_page
from mhabench.collect.session import Session, Skipped, Stopped, minutes
from mhabench.collect.steps import STEPS, listing
from mhabench.output import make_folder
from mhabench.program import FAILED, ROOT, Failure, InputError, parser_of, tell, underscored

PRESETS = ("release", "test", "ci", "dev")


def flags_of():
    parser = parser_of("scripts/collect", "scripts/collect DIR [--flag=value ...]", __doc__)
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", type=Path, help="where results are kept"
    )
    parser.add_argument("--steps", metavar="A,B", help="steps to run (default: all)")
    parser.add_argument("--list", action="store_true", help="print the steps and run nothing")
    parser.add_argument("--again", action="store_true", help="run steps that are done already, too")
    parser.add_argument(
        "--build", type=Path, metavar="DIR",
        help="build folder with the programs (default: build/release, test, ci or dev)",
    )  # fmt: skip
    parser.add_argument(
        "--try", dest="tiny", action="store_true",
        help="every step on a tiny grid, on the CPU if there is no GPU: figures mean nothing",
    )  # fmt: skip
    parser.add_argument(
        "--keep_cpu_model", action="store_true", help="leave the CPU's model in what is kept"
    )
    return parser


def chosen_steps(names):
    known = [step.name for step in STEPS]
    chosen = known if names is None else names.split(",")
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            raise InputError(f"--steps={names}: '{name}' is none of {', '.join(known)}{meant}")
    return [step for step in STEPS if step.name in chosen]


def bin_folder(build):
    """Where mha_bench stands: in the folder given, or in its bin/."""
    builds = [build] if build else [ROOT / "build" / preset for preset in PRESETS]
    for folder in builds:
        for place in (folder / "bin", folder):
            if (place / "mha_bench").is_file():
                return place.resolve()
    if build:
        raise InputError(f"--build={build}: no mha_bench is there")
    raise InputError(
        "mha_bench is not built: scripts/run --list builds it, or name a build with --build"
    )


def lock(folder):
    """One collect at a time writes to a folder; held until the process ends."""
    make_folder(folder / "raw")
    (folder / "raw" / ".gitignore").write_text("*\n")
    file = open(folder / "raw" / ".lock", "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise InputError(f"'{folder}' is being written by another collect") from None
    return file


def stop(number, _):
    raise Stopped(number)


def run_step(step, session, again):
    """Its outcome: done, skipped, failed."""
    if session.is_done(step.name) and not again:
        tell(f"{step.name}: done already")
        return "done"
    tell(f"{step.name}: {step.what}")
    session.start_step(step, again)
    status, reason = "done", ""
    try:
        session.check_needs(step)
        if step.name == "environment":
            session.write_environment()
        for run in step.runs:
            session.run(run)
    except Skipped as skipped:
        status, reason = "skipped", str(skipped)
    except Failure as failure:
        status, reason = "failed", str(failure)
    except (OSError, KeyError, ValueError) as error:
        status, reason = "failed", f"{type(error).__name__}: {error}"
    session.end_step(status, reason)
    took = minutes(session.step["seconds"])
    tell(f"{step.name}: {status}" + (f": {reason}" if reason else f", {took}"))
    return status


def run_all(steps, session, again):
    outcomes = [run_step(step, session, again) for step in steps]
    if not write_page(session.folder, session.record):
        tell("README.md is yours: it was left alone")
    counts = [f"{outcomes.count(s)} {s}" for s in ("done", "skipped", "failed") if s in outcomes]
    tell(f"{', '.join(counts)}; results in {session.folder}")
    return int("failed" in outcomes)


def main(arguments):
    parser = flags_of()
    options = parser.parse_args(underscored(arguments))
    if options.list:
        sys.stdout.write(listing())
        return 0
    if options.folder is None:
        parser.error("needs a folder for the results: scripts/collect docs/results/<gpu>")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        steps = chosen_steps(options.steps)
        place = bin_folder(options.build)
        held = lock(options.folder)  # noqa: F841
        session = Session(options.folder.resolve(), place, options.tiny, options.keep_cpu_model)
        if options.again or not all(session.is_done(step.name) for step in steps):
            session.check_machine()
        return run_all(steps, session, options.again)
    except Failure as failure:
        tell(f"mha_bench does not run here: {failure}")
        return FAILED
    except Stopped as stopped:
        tell("stopped; the runs that finished are kept, and the same command goes on")
        return 128 + stopped.args[0]
