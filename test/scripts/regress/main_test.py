"""Runs regress over programs that stand in for mha_bench, and once over mha_bench itself."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from mhabench.regress import builds
from mhabench.regress.canaries import rows_beside_moved, usual_times
from support.case import Case, bin_folder, needs_programs

COMPARE, BENCH = (f"{bin_folder()}/{name}" for name in ("mha_compare", "mha_bench"))

# Writes rows whose times follow from the file's name, and notes each call. There are canaries
# before rows 0, 4 and 7 and at the end; where the third one moves, rows 4 to 9 take twice as long.
FAKE = """#!/usr/bin/env python3
import json, random, re, sys
from pathlib import Path

knows_canaries = {knows_canaries}
if "--help" in sys.argv:
    sys.exit(print("--canary=SECONDS" if knows_canaries else "--list"))
if any(a.startswith("--canary=") for a in sys.argv) != knows_canaries:
    sys.exit("unknown flag '--canary', or none")
out = Path(next(a for a in sys.argv if a.startswith("--benchmark_out=")).split("=", 1)[1])
kept = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--benchmark_filter=")]
if "{fails}" == out.stem:
    sys.exit("the device is gone")
random.seed(out.stem + "{name}")
moves = out.stem in {moved}
def near(value):
    return value * (1 + random.gauss(0, 0.001))
rows = [
    {{"name": f"MHA/slow/row:{{i}}.5/manual_time", "run_type": "iteration", "time_unit": "us",
      "family_index": i, "device": "cpu",
      "real_time": near(100 * {factor} * (2 if moves and i >= 4 else 1))}}
    for i in range(10)
]
rows = [row for row in rows if re.search(kept[-1] if kept else "", row["name"])]
with open("{calls}", "a") as calls:
    print(out.stem, len(rows), file=calls)
canaries = [
    {{"before_row": row["name"], "device": "cpu",
      "us": near(50 * (2 if moves and row["family_index"] == 7 else 1))}}
    for row in rows if row["family_index"] in (0, 4, 7)
]
canaries.append({{"device": "cpu", "us": near(50), "sm_mhz": 1980, "seconds": 3}})
context = {{"date": out.stem, "canaries": canaries}} if knows_canaries else {{"date": out.stem}}
for i, row in enumerate(rows):
    row["family_index"] = i
out.write_text(json.dumps({{"context": context, "benchmarks": rows}}))
sys.exit({status})
"""


# Notes what it is called with; a build makes a program that says which sources it is of.
CMAKE = """#!/usr/bin/env python3
import sys
from pathlib import Path

with open("{calls}", "a") as calls:
    print(*sys.argv[1:], file=calls)
arguments = dict(zip(sys.argv, sys.argv[1:]))
if "--build" in arguments:
    build = Path(arguments["--build"])
    (build / "bin").mkdir(exist_ok=True)
    (build / "bin" / "mha_bench").write_text((build / "source").read_text())
else:
    source, build = Path(arguments["-S"]), Path(arguments["-B"])
    text = (source / "CMakeLists.txt").read_text()
    if text == "broken":
        sys.exit("no such command: broken")
    build.mkdir(exist_ok=True)
    (build / "source").write_text(text)
"""


@needs_programs
class TestRegress(Case):
    def set_up(self):
        self.calls = self.folder / "calls"

    def program(self, name, factor=1.0, fails="", moved=(), status=0, knows_canaries=True):
        path = self.folder / name
        text = FAKE.format(
            calls=self.calls,
            factor=factor,
            name=name,
            fails=fails,
            moved=moved,
            status=status,
            knows_canaries=knows_canaries,
        )
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def regress(self, *arguments):
        return self.mhabench("regress", f"--out={self.folder / 'out'}", *arguments)

    def compare(self, base, new, *more):
        return self.regress(
            f"--base_bin={base}", f"--new_bin={new}", f"--compare_bin={COMPARE}", *more
        )

    def order(self):
        """The runs, each with how many rows it had."""
        return [line.replace(" 10", "") for line in self.calls.read_text().splitlines()]

    def times(self, name):
        return [row["real_time"] for row in json.loads(self.evidence(name))["benchmarks"]]

    def evidence(self, name):
        return (self.folder / "out" / name).read_text()

    def test_runs_alternate_and_evidence_is_kept(self):
        result = self.compare(self.program("a"), self.program("b"))
        self.assert_status(result, 0)
        assert self.order() == ["base1", "new1", "new2", "base2", "base3", "new3"]
        assert "BASE   3 runs, 10 rows" in result.stdout
        assert result.stdout.endswith("\nNothing worse\n"), result.stdout
        assert result.stdout in self.evidence("report.txt")
        canaries = self.evidence("canaries.csv").splitlines()
        assert canaries[0] == "run,before_row,device,us,sm_mhz,seconds"
        assert len(canaries) == 1 + 6 * 4
        assert re.search(
            r"^base1,MHA/slow/row:0.5/manual_time,cpu,(49|50)\.[0-9]{3},,$", canaries[1]
        )
        assert re.search(r"^base1,,cpu,(49|50)\.[0-9]{3},1980,3$", canaries[4])
        assert len(json.loads(self.evidence("new3.json"))["benchmarks"]) == 10

    def test_a_slower_program_is_found(self):
        result = self.compare(self.program("a"), self.program("b", factor=1.05))
        self.assert_status(result, 1)
        assert "Worse: 10 of 10 rows (10 slower)" in result.stdout

    def test_rows_beside_a_moved_canary_are_run_again(self):
        result = self.compare(self.program("a"), self.program("b", moved=("new2",)))
        self.assert_status(result, 0)
        assert self.order()[6:] == ["new2.again1 6"], self.order()
        first, last = self.times("new2.first.json"), self.times("new2.json")
        assert last[:4] == first[:4]
        assert last[4:] == self.times("new2.again1.json")
        assert min(first[4:]) > 190
        rows = json.loads(self.evidence("new2.json"))["benchmarks"]
        assert [row["family_index"] for row in rows] == list(range(10))
        names = [row["name"] for row in rows[4:]]
        again = [{"file": "new2.again1.json", "rows": names}]
        assert json.loads(self.evidence("new2.json"))["context"]["run_again"] == again
        assert (
            f"new2: a canary moved; run again: 6 rows ({', '.join(names[:3])} and 3 more)\n"
            in self.evidence("report.txt")
        )

    def test_a_canary_that_moves_on_is_told_after_two_tries(self):
        moved = ("base3", "base3.again1", "base3.again2")
        result = self.compare(self.program("a", moved=moved), self.program("b"))
        self.assert_status(result, 0, 4)
        assert self.order()[6:] == ["base3.again1 6", "base3.again2 6"], self.order()
        assert "base3: a canary moved again; kept all the same: 6 rows" in result.stderr
        assert self.times("base3.json")[4:] == self.times("base3.again2.json")

    @pytest.fixture
    def project(self, monkeypatch):
        """The module builds in a project of three revisions, where cmake only pretends."""
        project = self.folder / "project"
        project.mkdir()
        (project / "build" / "venv").mkdir(parents=True)
        cmake = self.folder / "bin" / "cmake"
        cmake.parent.mkdir()
        cmake.write_text(CMAKE.format(calls=self.calls))
        cmake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{cmake.parent}:{os.environ['PATH']}")
        who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        git = ["git", "-C", str(project), *who]
        subprocess.run([*git, "init", "--quiet"], check=True)
        for text in ("old", "new", "broken"):
            (project / "CMakeLists.txt").write_text(text)
            subprocess.run([*git, "add", "CMakeLists.txt"], check=True)
            subprocess.run([*git, "commit", "--quiet", "--message", text], check=True)
        monkeypatch.setattr(builds, "ROOT", project)

    def test_revisions_are_checked_out_and_built(self, project):
        old, new = builds.revision_of("HEAD~2"), builds.revision_of("HEAD~1")
        programs = [builds.built(old), builds.built(new), builds.built(old)]
        assert [program.read_text() for program in programs] == ["old", "new", "old"]
        assert programs[0] == programs[2]
        source = builds.ROOT / "build" / "regress" / old[:12] / "source"
        assert (source / "build" / "venv").samefile(builds.ROOT / "build" / "venv")
        assert "CMAKE_PREFIX_PATH" not in self.calls.read_text()

    def test_a_revision_is_built_on_two_torches(self, project):
        revision = builds.revision_of("HEAD~1")
        torches = [self.folder / "torch-1", self.folder / "torch-2"]
        for torch in torches:
            torch.mkdir()
        programs = [builds.built(revision, torch) for torch in torches]
        assert programs[0] != programs[1]
        assert [program.read_text() for program in programs] == ["new", "new"]
        for torch in torches:
            assert f"-DCMAKE_PREFIX_PATH={torch.resolve()}\n" in self.calls.read_text()

    def test_a_torch_is_named_by_its_version(self, project):
        torch = builds.ROOT / "build/torch-2.15.0/venv/lib/python3.12/site-packages/torch"
        torch.mkdir(parents=True)
        with pytest.raises(
            builds.InputError, match="MHABENCH_TORCH=2.15.0 scripts/setup fetches it$"
        ):
            builds.torch_named("2.15.0")
        (builds.ROOT / "build/torch-2.15.0/venv/.complete").touch()
        assert builds.torch_named("2.15.0") == torch
        with pytest.raises(builds.InputError, match="^'absent' does not exist$"):
            builds.torch_named("absent")
        assert builds.torch_named(str(self.folder)) == self.folder.resolve()

    def test_a_build_that_fails_is_named(self, project):
        with pytest.raises(builds.Failure, match="status 1 .*: no such command: broken$"):
            builds.built(builds.revision_of("HEAD"))
        with pytest.raises(builds.InputError, match="^'HEAD~9' is no revision of this project$"):
            builds.revision_of("HEAD~9")

    def test_each_device_has_its_own_canaries(self):
        rows = [("a0", "x"), ("b0", "y"), ("a1", "x"), ("b1", "y"), ("a2", "x"), ("a3", "x")]
        canaries = [("a0", "x", 10), ("b0", "y", 20), ("a1", "x", 10), ("a3", "x", 20)]
        document = {
            "context": {
                "canaries": [{"before_row": n, "device": d, "us": us} for n, d, us in canaries]
                + [{"device": "x", "us": 10}, {"device": "y", "us": 20}]
            },
            "benchmarks": [{"name": name, "device": device} for name, device in rows],
        }
        usual = usual_times([document])
        assert usual == {"x": 10, "y": 20}
        assert rows_beside_moved(document, usual, 0.05) == ["a1", "a2", "a3"]

    def test_each_side_has_its_own_usual_canary(self):
        new = self.program("b")
        text = Path(new).read_text().replace("near(50", "near(70")
        Path(new).write_text(text)
        result = self.compare(self.program("a"), new)
        self.assert_status(result, 0)
        assert len(self.order()) == 6, self.order()

    def test_a_build_that_knows_no_canary_goes_unwatched(self):
        result = self.compare(self.program("a", knows_canaries=False), self.program("b"))
        self.assert_status(result, 0)
        assert result.stderr.count("knows no --canary: its runs go unwatched") == 1
        assert len(self.evidence("canaries.csv").splitlines()) == 1 + 3 * 4

    def test_wrong_rows_do_not_end_the_runs(self):
        result = self.compare(self.program("a"), self.program("b", status=1))
        self.assert_status(result, 0)
        assert "new3 ended with wrong or failed rows" in self.evidence("report.txt")

    def test_a_run_that_fails_is_named(self):
        result = self.compare(self.program("a"), self.program("b", fails="new2"))
        self.assert_status(result, 5)
        assert "the device is gone" in result.stderr
        assert "the device is gone" in self.evidence("report.txt")

    def stand_in(self, name, *lines):
        path = self.folder / name
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        return str(path)

    def test_flags_at_fault_are_2(self):
        mute = self.stand_in("mute", "exit 0")
        result = self.compare(mute, mute, "--", "--list")
        assert (result.returncode, result.stderr.splitlines()[-1]) == (
            2,
            "regress: base1 ran and wrote no results: the flags after '--' ask for none",
        )
        strict = self.stand_in(
            "strict", '[ "$1" = --help ] && exit 0', "echo no such flag", "exit 2"
        )
        result = self.regress(
            f"--out={self.folder / 'out2'}", f"--base_bin={strict}", f"--new_bin={strict}",
            f"--compare_bin={COMPARE}", "--", "--no",
        )  # fmt: skip
        self.assert_status(result, 2)
        assert "no such flag" in result.stderr.splitlines()[-1]
        os.mkfifo(self.folder / "pipe")
        result = self.compare(mute, mute, "--", f"--lengths_file={self.folder / 'pipe'}")
        assert result.returncode == 2
        assert "is no regular file, and is read by several programs" in result.stderr

    def test_a_model_is_written_over_no_input(self):
        program = self.program("a")
        result = self.regress(
            f"--calibrate={program}", f"--base_bin={program}", f"--compare_bin={COMPARE}"
        )
        self.assert_status(result, 2)
        assert "would be replaced and is one of the inputs" in result.stderr

    def evidence_is_never_overwritten(self):
        assert self.compare(self.program("a"), self.program("b")).returncode == 0
        result = self.compare(self.program("a"), self.program("b"))
        assert result.returncode == 2
        assert "holds results already; name another with --out" in result.stderr

    def test_arguments_that_do_not_go_together_are_named(self):
        program = self.program("a")
        for arguments, problem in (
            ([], "needs two revisions, BASE and NEW"),
            (["HEAD"], "needs two revisions, BASE and NEW"),
            ([f"--base_bin={program}"], "--base_bin and --new_bin stand together"),
            ([f"--base_bin={program}", "--new-bin=absent"], "'absent' does not exist"),
            (["HEAD", "HEAD", "--runs=2"], "--runs=2 is under 3, the fewest that show noise"),
            (["HEAD", "HEAD", "--", "--benchmark_out=x"], "--benchmark_out is this script's own"),
            (["--calibrate=n.json", "HEAD", "HEAD"], "--calibrate takes one build"),
            (["--torch_base=x", "HEAD", "HEAD"], "unrecognized arguments: --torch_base=x"),
            (["no-such", "HEAD", f"--compare_bin={COMPARE}"], "'no-such' is no revision"),
        ):
            result = self.regress(*arguments)
            assert result.returncode == 2, arguments
            assert problem in result.stderr

    def test_help_says_how(self):
        result = self.regress("--help")
        assert result.returncode == 0
        assert "scripts/regress BASE NEW" in result.stdout

    def test_mha_bench_runs_the_named_rows_again(self):
        """With a limit that every canary is beyond: the rows of all runs, twice."""
        flags = ["--device=cpu", "--threads=1", "--batch=2", "--seq_len=8", "--embed_dim=16",
                 "--heads=2", "--beta=0.05,2", "--benchmark_min_time=3x"]  # fmt: skip
        result = self.compare(BENCH, BENCH, "--canary_limit=1e-9", "--", *flags)
        self.assert_status(result, 0, 1, 4)
        first = json.loads(self.evidence("new3.first.json"))
        again = json.loads(self.evidence("new3.again2.json"))
        last = json.loads(self.evidence("new3.json"))
        names = [row["name"] for row in first["benchmarks"]]
        assert len(names) == 4
        assert [row["name"] for row in again["benchmarks"]] == names
        assert last["benchmarks"] == again["benchmarks"]
        canaries = [c.get("before_row") for c in first["context"]["canaries"]]
        assert canaries == [names[0], None]

    def test_mha_bench_calibrates_a_model(self):
        model = self.folder / "noise.json"
        result = self.regress(
            f"--calibrate={model}",
            f"--base_bin={BENCH}",
            f"--compare_bin={COMPARE}",
            "--runs=3",
            "--canary_limit=1000",
            "--",
            "--device=cpu",
            "--threads=1",
            "--batch=2",
            "--seq_len=8",
            "--embed_dim=16",
            "--heads=2",
            "--beta=1:8:1",
            "--benchmark_min_time=3x",
        )
        self.assert_status(result, 0)
        groups = json.loads(model.read_text())["clocks"]["event"]
        assert {group["path"] for group in groups} == {"slow", "fast"}
        assert json.loads(model.read_text())["runs"] == 3
