"""What the scripts' programs have in common: errors that are one line, and what each exit status says.

0 right, 1 some row is wrong or worse, 2 the command line or an input is at fault, 3 nothing matched,
4 undecided, 5 the tool itself failed, 130 and 143 after a signal. Python's own 1 for an uncaught
exception would say "worse".
"""

import argparse
import contextlib
import io
import os
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the project

USAGE, UNDECIDED, FAILED, INTERRUPTED = 2, 4, 5, 130
# Of a program of the suite that a script ran, what is the script's as well.
PASSED_ON = (2, 3, 130, 143)


class InputError(Exception):
    """One line: what is wrong, where, what is allowed."""


class Failure(Exception):
    """One line: what failed that is not the input's fault, such as a build, a child or a disk."""

    def __init__(self, text, status=FAILED):
        super().__init__(text)
        self.status = status


def last_line(*texts):
    """Of what a child wrote: that of the first text which has one."""
    lines = [text.strip().splitlines()[-1] for text in texts if text.strip()]
    return lines[0] if lines else "no output"


def status_after(child_status):
    """Of a script whose program of the suite left nothing to go on with."""
    return child_status if child_status in PASSED_ON else FAILED


def tell(text):
    """A line on stderr."""
    print(f"{tell.name}: {text}", file=sys.stderr, flush=True)


tell.name = "mhabench"


def parser_of(prog, usage, description):
    """Of a script whose module's text is its help."""
    return argparse.ArgumentParser(
        prog=prog,
        usage=usage,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def underscored(arguments):
    """'-' and '_' are the same in a flag's name."""
    return [
        "--" + name[2:].replace("-", "_") + equals + value if name.startswith("--") else argument
        for argument in arguments
        for name, equals, value in [argument.partition("=")]
    ]


def run(name, main):
    """main()'s status, or that of what it raised; `name` begins each line on stderr.

    What main() prints is held back until it ends: no closed pipe can end it half-way.
    """
    tell.name = name
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status, problem = _outcome(main)
    lost = _delivered(printed.getvalue())
    if lost:
        problem = problem or lost
        status = FAILED if status in (0, UNDECIDED) else status
    if problem:
        try:
            tell(problem)
        except OSError:  # the status still says it
            _silence(sys.stderr)
    return status


def _outcome(main):
    """The status, and the line that says why; None where there is nothing to say."""
    try:
        return main(), None
    except InputError as error:
        return USAGE, error
    except Failure as error:
        return error.status, error
    except SystemExit as end:  # argparse's, which has said why
        return (end.code or 0), None
    except KeyboardInterrupt:
        return INTERRUPTED, None
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
        words = " ".join(str(error).split())
        return FAILED, f"failed inside: {type(error).__name__}: {words} ({place})"


def _silence(stream):
    """What is left in its buffer would be tried once more at the end, with a status of its own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _delivered(text):
    """Writes it to stdout. Why it could not be, or None: a reader that left wanted no more."""
    if sys.stdout is None:
        return None
    try:
        # A name of a file may hold bytes that are no text.
        sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.write(text)
        sys.stdout.flush()
        return None
    except OSError as error:
        _silence(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return None
        return f"not all of the output could be written to stdout: {error.strerror}"
