"""python -m mhabench COMMAND [ARGUMENT...]: what scripts/COMMAND runs."""

import importlib
import sys

from mhabench.program import InputError, run

# Each with the word that begins its lines on stderr.
COMMANDS = {
    "advise": "mhabench",
    "collect": "collect",
    "parity": "parity",
    "regress": "regress",
    "report": "mhabench",
}


def no_command():
    raise InputError(f"python -m mhabench needs a command: {', '.join(COMMANDS)}")


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        return run("mhabench", no_command)
    place = "collect.parity" if name == "parity" else f"{name}.main"
    return run(
        COMMANDS[name], lambda: importlib.import_module(f"mhabench.{place}").main(sys.argv[2:])
    )


if __name__ == "__main__":
    sys.exit(main())
