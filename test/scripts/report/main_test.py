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
        for arguments in (
            ["bad.json", "-o", "x.html"],
            ["none.json", "-o", "x.html"],
            [str(documents.H200), "-o", "no/such/folder/x.html"],
            [str(documents.H200), "bad.json", "-o", "x.html"],
        ):
            done = self.run_report(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertTrue(done.stderr.startswith("mhabench: "))
            self.assertFalse((self.folder / "x.html").exists())

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

    def test_what_no_page_can_hold_is_one_line_and_leaves_nothing(self):
        bad = documents.row("slow", backend="\ud800")
        documents.write(self.folder, "bad.json", documents.document([bad]))
        done = self.run_report("bad.json", "-o", "page.html")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["bad.json"])

    def test_an_open_descriptor_is_written_into(self):
        rows = documents.write(self.folder, "rows.json", documents.document([documents.row("slow")]))
        # Not /dev/stdout, which a report that fails this test would replace for the whole machine.
        done = self.run_report(rows, "-o", "/proc/self/fd/1")
        self.assertEqual((done.returncode, done.stdout[:15]), (0, "<!doctype html>"), done.stderr)

    def test_a_page_that_cannot_be_made_leaves_the_old_one(self):
        (self.folder / "page.html").write_text("old")
        (self.folder / "bad.json").write_text("{")
        self.run_report("bad.json", "-o", "page.html")
        self.assertEqual((self.folder / "page.html").read_text(), "old")
        self.assertEqual(len(list(self.folder.iterdir())), 2)
