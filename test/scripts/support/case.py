"""A test with a folder of its own, which calls the package as the scripts do."""

import contextlib
import os
import pathlib
import subprocess
import sys

import pytest


class Case:
    @pytest.fixture(autouse=True)
    def _set_up(self, tmp_path):
        self.folder = tmp_path
        with contextlib.ExitStack() as self.stack:
            self.set_up()
            yield

    def set_up(self):
        """For those who need more."""

    def mhabench(self, *arguments, **environment):
        return subprocess.run(
            command(*arguments),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
            env={**os.environ, **environment},
        )

    def assert_status(self, result, *expected):
        assert result.returncode in expected, result.stdout + result.stderr


def command(*arguments):
    return [sys.executable, "-P", "-m", "mhabench", *map(str, arguments)]


def bin_folder():
    """Where CTest's build has its programs; None if the tests are run without it."""
    folder = pathlib.Path(os.environ.get("MHABENCH_TEST_BIN", "/none"))
    return folder if (folder / "mha_compare").is_file() else None


needs_programs = pytest.mark.skipif(bin_folder() is None, reason="mha_compare is not built")
