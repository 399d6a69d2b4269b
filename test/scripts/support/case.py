"""A test with a folder of its own, which calls the package as the scripts do."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mhabench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

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
        self.assertIn(result.returncode, expected, result.stdout + result.stderr)


def command(*arguments):
    return [sys.executable, "-P", "-m", "mhabench", *map(str, arguments)]


def bin_folder():
    """Where CTest's build has its programs; None if the tests are run without it."""
    folder = pathlib.Path(os.environ.get("MHABENCH_TEST_BIN", "/none"))
    return folder if (folder / "mha_compare").is_file() else None


needs_programs = unittest.skipIf(bin_folder() is None, "mha_compare is not built")
