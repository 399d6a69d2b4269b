"""Runs study.py over a program that stands in for mha_bench_faults."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

STUDY = Path(__file__).with_name("study.py")
COMPARE = Path(os.environ.get("MHABENCH_TEST_BIN", "/none"), "mha_compare")

# 40 rows a path whose times scatter by a tenth of a percent from run to run, and what is planted in
# them. The last ten of the planted path are too short: more is planted there, and logged.
FAKE = """#!/usr/bin/env python3
import json, os, random, sys
from pathlib import Path

out = Path(next(a for a in sys.argv if a.startswith("--benchmark_out=")).split("=", 1)[1])
with open("{calls}", "a") as calls:
    print(out.stem, os.environ.get("MHABENCH_PLANTED", "clean"), *sys.argv[1:-1], file=calls)
random.seed(out.stem)
path, _, share = os.environ.get("MHABENCH_PLANTED", "none:0").partition(":")
rows = []
for name in ("slow", "fast"):
    for i in range(40):
        planted = float(share) if name == path else 0.0
        row = f"MHA/{{name}}/row:{{i}}"
        if planted and i >= 30:
            planted += 0.02
            line = {{"row": row, "busy_us": 10, "planted_us": 10 * planted}}
            with open(os.environ["MHABENCH_PLANTED_LOG"], "a") as log:
                print(json.dumps(line), file=log)
        busy = 100 * (1 + planted) * (1 + random.gauss(0, 0.001))
        rows.append({{"name": row, "run_type": "iteration", "time_unit": "us", "path": name,
                      "real_time": 300 * (1 + random.gauss(0, 0.02)), "busy_us": busy}})
if "{fails}" != out.stem:
    out.write_text(json.dumps({{"context": {{"date": out.stem}}, "benchmarks": rows}}))
"""


@pytest.mark.skipif(not COMPARE.is_file(), reason="mha_compare is not built")
class TestStudy:
    @pytest.fixture(autouse=True)
    def set_up(self, tmp_path):
        self.folder = tmp_path
        self.calls = self.folder / "calls"

    def study(self, kind, *more, fails=""):
        program = self.folder / "program"
        program.write_text(FAKE.format(calls=self.calls, fails=fails))
        program.chmod(0o755)
        command = [sys.executable, STUDY, kind, f"--program={program}", f"--compare_bin={COMPARE}"]
        command += [f"--out={self.folder / 'out'}", *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def made(self):
        return [line.split()[0] for line in self.calls.read_text().splitlines()]

    def test_aa_compares_every_split(self):
        result = self.study("aa", "--", "--grid=quick")
        assert result.returncode == 0, result.stderr
        assert self.made() == [f"run{i}" for i in range(1, 7)]
        assert "--grid=quick" in self.calls.read_text()
        lines = result.stdout.splitlines()
        assert len(lines) == 2 + 10 + 2
        assert lines[2].startswith("| 1 2 3 | 4 5 6 | 0 | 0 |"), lines[2]
        assert re.search(r"^80 rows a split\. An alarm .* in \d of 10 splits; ", lines[-1])

    def test_aa_counts_alarms(self):
        """Two of four runs are slower: in one split they stand against the other two."""
        assert self.study("aa", "--runs=4").returncode == 0
        for name in ("run1", "run2"):
            file = self.folder / "out" / f"{name}.json"
            document = json.loads(file.read_text())
            for row in document["benchmarks"]:
                row["busy_us"] *= 1.2
            file.write_text(json.dumps(document))
        result = self.study("aa", "--runs=4")
        assert result.returncode == 0, result.stderr
        assert "| 1 2 | 3 4 | 0 | 80 | 0 |" in result.stdout
        assert "(some row faster) in 1." in result.stdout

    def test_power_counts_what_was_found(self):
        result = self.study("power", "--shares=0.01,0.05")
        assert result.returncode == 0, result.stderr
        order = ["clean1", "fast_0.01_1", "fast_0.05_1", "fast_0.05_2", "fast_0.01_2", "clean2"]
        assert self.made()[:6] == order
        assert "fast_0.05_2 fast:0.05" in self.calls.read_text()
        assert "clean2 clean" in self.calls.read_text()
        rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines()]
        assert rows[2][0] == "1 %"
        assert rows[2][2] == "0 of 30 (0.0 %)"
        assert rows[3][0] == "5 %"
        assert abs(float(rows[3][1]) - 1.05) < 0.002
        assert rows[3][2:4] == ["30 of 30 (100.0 %)", "10 of 10 (100.0 %)"]
        assert rows[3][4:] == ["0 of 40 (0.0 %)", "0"]

    def test_runs_that_are_there_are_not_made_again(self):
        assert self.study("aa", "--runs=4").returncode == 0
        (self.folder / "out" / "run3.json").unlink()
        assert self.study("aa", "--runs=4").returncode == 0
        assert self.made() == ["run1", "run2", "run3", "run4", "run3"]

    def test_a_call_ends_in_time(self):
        result = self.study("aa", "--runs=4", "--at_most=0.000001")
        assert result.returncode == 3, result.stderr
        assert "3 of 4 runs are left" in result.stderr
        assert self.made() == ["run1"]

    def test_a_folder_of_another_study_is_refused(self):
        assert self.study("aa", "--runs=4").returncode == 0
        result = self.study("aa", "--runs=4", "--", "--grid=quick")
        assert result.returncode == 2, result.stdout
        assert "holds another study" in result.stderr

    def test_a_run_that_fails_is_named(self):
        result = self.study("power", fails="clean2")
        assert result.returncode == 1, result.stdout
        assert re.search(r"ended with status 0 \(.*clean2\.log\)", result.stderr)
