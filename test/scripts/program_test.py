"""Exit statuses of the scripts: none is an accident."""

import os
import re
import subprocess
import sys

from mhabench.__main__ import COMMANDS
from support import documents
from support.case import command

MAIN = """
import sys
from mhabench.program import Failure, InputError, run

def main():
    print("the answer")
    {body}
    return 0

sys.exit(run("name", main))
"""


class TestProgram:
    def end(self, body, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more):
        return subprocess.run(
            [sys.executable, "-c", MAIN.format(body=body)],
            stdout=stdout,
            stderr=stderr,
            check=False,
            text=True,
            env={**os.environ, **more},
        )

    def test_a_status_is_passed_on(self):
        done = self.end("return 4")
        assert (done.returncode, done.stdout, done.stderr) == (4, "the answer\n", "")

    def test_input_at_fault_is_2(self):
        done = self.end("raise InputError('x: is none')")
        assert (done.returncode, done.stderr) == (2, "name: x: is none\n")

    def test_a_failure_is_5_or_the_childs(self):
        done = self.end("raise Failure('no disk')")
        assert (done.returncode, done.stderr) == (5, "name: no disk\n")
        assert self.end("raise Failure('the child', 143)").returncode == 143

    def test_what_nobody_caught_is_5_in_one_line(self):
        done = self.end("{}['a\\nb']")
        assert done.returncode == 5
        assert re.search(
            r"^name: failed inside: KeyError: 'a\\nb' \(<string>:\d+\)\n$", done.stderr
        )

    def test_flags_that_argparse_refuses_are_2_and_its_help_0(self):
        parse = "import argparse; argparse.ArgumentParser('x').parse_args(['{}'])"
        assert self.end(parse.format("--no")).returncode == 2
        assert self.end(parse.format("--help")).returncode == 0

    def test_an_interrupt_is_130(self):
        done = self.end("raise KeyboardInterrupt")
        assert (done.returncode, done.stderr) == (130, "")

    def test_a_full_disk_behind_stdout_is_told(self):
        for body, status in (
            ("pass", 5),
            ("print(100_000 * 'x')", 5),
            ("return 4", 5),
            ("return 1", 1),
            ("return 3", 3),
        ):
            with open("/dev/full", "w") as full:
                done = self.end(body, full)
            assert done.returncode == status
            assert (
                done.stderr
                == "name: not all of the output could be written to stdout: No space left on device\n"
            )

    def test_what_is_no_text_is_printed_escaped(self):
        done = self.end("print('a' + chr(0xdcff))", PYTHONUTF8="1")
        assert (done.returncode, done.stderr, done.stdout) == (0, "", "the answer\na\\udcff\n")

    def test_a_full_disk_behind_stderr_keeps_the_status(self):
        with open("/dev/full", "w") as full:
            done = self.end("raise InputError('bad')", stderr=full)
        assert done.returncode == 2

    def test_a_reader_that_left_changes_nothing(self):
        for body, status in (("print(100_000 * 'x')", 0), ("return 3", 3)):
            read, write = os.pipe()
            os.close(read)
            done = self.end(body, write)
            os.close(write)
            assert (done.returncode, done.stderr) == (status, "")

    def test_every_program_of_python_runs_so(self):
        summarize = documents.REPOSITORY / "docs/results/summarize.py"
        assert "sys.exit(run(" in summarize.read_text()
        for name in COMMANDS:
            place = "collect/parity.py" if name == "parity" else f"{name}/main.py"
            source = documents.REPOSITORY / "scripts/mhabench" / place
            assert "\ndef main(arguments):\n" in source.read_text()

    def test_a_command_that_is_none_is_2(self):
        for arguments in ([], ["advize"]):
            done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)
            said = "mhabench: python -m mhabench needs a command: advise, collect, parity, regress, report\n"
            assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
