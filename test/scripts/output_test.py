"""Files appear whole; devices, pipes and links are never replaced; no output is an input."""

import os
import subprocess
import sys
import threading
from unittest import mock

import pytest

from mhabench.output import check_output, write_file
from mhabench.program import Failure, InputError
from support.case import Case


class TestOutput(Case):
    def set_up(self):
        self.file = self.folder / "out"

    def assert_alone(self, *names):
        assert sorted(p.name for p in self.folder.iterdir()) == sorted(names)

    def test_a_file_is_replaced_whole_and_keeps_its_mode(self):
        self.file.write_text("a longer text than the new one")
        self.file.chmod(0o640)
        write_file(self.file, "new")
        assert self.file.read_text() == "new"
        assert self.file.stat().st_mode & 0o777 == 0o640
        self.assert_alone("out")

    def test_a_new_file_has_the_mode_of_any(self):
        write_file(self.file, b"bytes")
        plain = self.folder / "plain"
        plain.write_bytes(b"")
        assert self.file.stat().st_mode == plain.stat().st_mode

    def test_links_are_followed_and_stay(self):
        (self.folder / "second").symlink_to("out")
        (self.folder / "first").symlink_to(self.folder / "second")
        write_file(self.folder / "first", "text")
        assert self.file.read_text() == "text"
        assert (self.folder / "first").is_symlink()
        self.assert_alone("first", "second", "out")

    def test_links_in_a_circle_are_refused(self):
        self.file.symlink_to("out")
        with pytest.raises(InputError, match="^cannot write '.*out': Too many levels"):
            check_output(self.file)

    def test_a_pipe_is_written_into(self):
        os.mkfifo(self.file)
        read = []
        reader = threading.Thread(target=lambda: read.append(self.file.read_text()), daemon=True)
        reader.start()
        write_file(self.file, "text")
        reader.join(10)
        assert read == ["text"]
        assert self.file.is_fifo()
        self.assert_alone("out")

    @pytest.mark.skipif(not os.geteuid() == 0, reason="making a device takes root")
    def test_a_device_stays_one(self):
        try:
            os.mknod(self.file, 0o600 | 0o020000, os.makedev(1, 3))
            write_file(self.file, "text")
        except PermissionError:
            pytest.skip("no devices can be made here")
        except Failure as error:
            pytest.skip(f"no devices can be written here: {error}")
        assert self.file.is_char_device()

    def test_an_own_descriptor_is_written_to_and_stays_open(self):
        # Not /dev/stdout, which a writer that fails this test would replace for the whole machine.
        program = (
            "from mhabench.output import write_file; write_file('/proc/self/fd/1', '1 '); print(2)"
        )
        with open(self.file, "wb") as out:
            subprocess.run([sys.executable, "-c", program], stdout=out, check=True)
        assert self.file.read_text() == "1 2\n"

    def test_a_failure_leaves_what_stood_there(self):
        self.file.write_text("old")
        with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
            with pytest.raises(Failure, match="^cannot write '.*out': No space left on device$"):
                write_file(self.file, "new")
        assert self.file.read_text() == "old"
        self.assert_alone("out")

    def test_what_cannot_be_written_is_said_before(self):
        for path, part in (
            (self.folder, "it is a directory"),
            (self.folder / "no/out", "the directory '.*no' does not exist"),
            ("", "the name is empty"),
        ):
            with pytest.raises(InputError, match=part):
                check_output(path)

    def test_an_output_is_no_input_by_any_name(self):
        self.file.write_text("rows")
        (self.folder / "link").symlink_to("out")
        os.link(self.file, self.folder / "same")
        for name in ("out", "link", "same"):
            with pytest.raises(InputError, match="would be replaced and is one of the inputs"):
                check_output(self.folder / name, [self.file])
        check_output(self.folder / "new", [self.file])
        check_output("/dev/null", ["/dev/null"])  # looks, and writes nothing
