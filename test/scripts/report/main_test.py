"""scripts/report as a program: its files, its lines, its exit status."""

import json
from importlib.util import find_spec

import pytest

from support import documents
from support.case import Case


@pytest.mark.skipif(find_spec("plotly") is None, reason="no plotly: scripts/report brings it")
class TestProgram(Case):
    def run_report(self, *arguments):
        return self.mhabench("report", *arguments)

    def test_writes_a_page_that_names_no_other_place(self):
        done = self.run_report(str(documents.H200), "-o", "page.html")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        text = (self.folder / "page.html").read_text()
        assert "default-src 'none'" in text
        head = text[: text.index('<script type="application/json"')]
        assert "src=" not in head.replace("-src", "")
        assert "packed_best against the best padded path is ahead in" in head

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
            assert done.returncode == 2
            assert len(done.stderr.splitlines()) == 1, done.stderr
            assert done.stderr.startswith("mhabench: ")
        assert (self.folder / "old.html").read_text() == "old"
        left = sorted(path.name for path in self.folder.iterdir())
        assert left == ["bad.json", "half.json", "old.html"]

    def test_an_input_is_never_the_output(self):
        rows = documents.document([documents.row("slow")])
        documents.write(self.folder, "self.json", rows)
        (self.folder / "link.html").symlink_to("self.json")
        for name in ("self.json", "link.html"):
            done = self.run_report("self.json", "-o", name)
            assert done.returncode == 2
            assert done.stderr == f"mhabench: '{name}' would be replaced and is one of the inputs\n"
        assert json.loads((self.folder / "self.json").read_text()) == rows
