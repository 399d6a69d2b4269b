"""scripts/report as a program: its files, its lines, its exit status."""

import importlib.util
import json
import unittest

from support import documents
from support.case import Case

MISSING = None if importlib.util.find_spec("plotly") else "no plotly: scripts/report brings it"


@unittest.skipIf(MISSING, MISSING)
class ProgramTest(Case):
    def run_report(self, *arguments):
        return self.mhabench("report", *arguments)

    def test_writes_a_page_that_names_no_other_place(self):
        done = self.run_report(str(documents.H200), "-o", "page.html")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        text = (self.folder / "page.html").read_text()
        self.assertIn("default-src 'none'", text)
        head = text[: text.index('<script type="application/json"')]
        self.assertNotIn("src=", head.replace("-src", ""))
        self.assertIn("packed_best against the best padded path is ahead in", head)

    def test_bad_input_is_one_line_and_status_2(self):
        (self.folder / "bad.json").write_text("{")
        half = documents.row("slow", backend="\ud800")
        documents.write(self.folder, "half.json", documents.document([half]))
        (self.folder / "old.html").write_text("old")
        for arguments in (
            ["bad.json", "-o", "old.html"],
            ["half.json", "-o", "x.html"],
            ["bad.json", "-o", "x.html"],
            ["none.json", "-o", "x.html"],
            [str(documents.H200), "-o", "no/such/folder/x.html"],
            [str(documents.H200), "bad.json", "-o", "x.html"],
        ):
            done = self.run_report(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertTrue(done.stderr.startswith("mhabench: "))
        self.assertEqual((self.folder / "old.html").read_text(), "old")
        left = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(left, ["bad.json", "half.json", "old.html"])

    def test_an_input_is_never_the_output(self):
        rows = documents.document([documents.row("slow")])
        documents.write(self.folder, "self.json", rows)
        (self.folder / "link.html").symlink_to("self.json")
        for name in ("self.json", "link.html"):
            done = self.run_report("self.json", "-o", name)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(
                done.stderr,
                f"mhabench: '{name}' would be replaced and is one of the inputs\n",
            )
        self.assertEqual(json.loads((self.folder / "self.json").read_text()), rows)
