#!/usr/bin/env python3
"""Runs scripts/regress over programs that stand in for mha_bench, and once over mha_bench itself.

    regress_test.py SCRIPT MHA_COMPARE MHA_BENCH CASE
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT, COMPARE, BENCH = sys.argv[1:4]

# Writes rows whose times follow from the file's name, and notes each call.
FAKE = """#!/usr/bin/env python3
import json, random, sys
from pathlib import Path

out = Path(next(a for a in sys.argv if a.startswith("--benchmark_out=")).split("=", 1)[1])
with open("{calls}", "a") as calls:
    print(out.stem, file=calls)
if "{fails}" == out.stem:
    sys.exit("the device is gone")
count = sum(1 for line in open("{calls}") if line.strip() == out.stem)
random.seed(out.stem + str(count) + "{name}")
factor = {factor}
if out.stem == "{moved}" and count == 1:
    factor = 2
rows = [
    {{"name": f"MHA/slow/row:{{i}}", "run_type": "iteration", "time_unit": "us",
      "real_time": 100 * factor * (1 + random.gauss(0, 0.001))}}
    for i in range(10)
]
out.write_text(json.dumps({{"context": {{"date": out.stem}}, "benchmarks": rows}}))
sys.exit({status})
"""


class TestRegress(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="mhabench-test-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.calls = self.folder / "calls"

    def program(self, name, factor=1.0, fails="", moved="", status=0):
        path = self.folder / name
        text = FAKE.format(
            calls=self.calls, factor=factor, name=name, fails=fails, moved=moved, status=status
        )
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def regress(self, *arguments):
        command = [sys.executable, SCRIPT, f"--out={self.folder / 'out'}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def compare(self, base, new, *more):
        return self.regress(
            f"--base_bin={base}", f"--new_bin={new}", f"--compare_bin={COMPARE}", *more
        )

    def order(self):
        return [line for line in self.calls.read_text().split() if not line.startswith("canary")]

    def evidence(self, name):
        return (self.folder / "out" / name).read_text()

    def runs_alternate_and_evidence_is_kept(self):
        result = self.compare(self.program("a"), self.program("b"))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(self.order(), ["base1", "new1", "new2", "base2", "base3", "new3"])
        self.assertIn("BASE   3 runs, 10 rows", result.stdout)
        self.assertTrue(result.stdout.endswith("\nNothing worse\n"), result.stdout)
        self.assertIn(result.stdout, self.evidence("report.txt"))
        self.assertEqual(len(self.evidence("canaries.csv").splitlines()), 8)
        self.assertEqual(len(json.loads(self.evidence("new3.json"))["benchmarks"]), 10)

    def a_slower_program_is_found(self):
        result = self.compare(self.program("a"), self.program("b", factor=1.05))
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("Worse: 10 of 10 rows (10 slower)", result.stdout)

    def a_run_beside_a_moved_canary_is_run_again(self):
        result = self.compare(self.program("a", moved="canary3"), self.program("b"))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(self.order().count("new2"), 2, self.order())
        self.assertIn("new2: the canary moved from", self.evidence("report.txt"))

    def wrong_rows_do_not_end_the_runs(self):
        result = self.compare(self.program("a"), self.program("b", status=1))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("new3 ended with wrong or failed rows", self.evidence("report.txt"))

    def a_run_that_fails_is_named(self):
        result = self.compare(self.program("a"), self.program("b", fails="new2"))
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        self.assertIn("the device is gone", result.stderr)
        self.assertIn("the device is gone", self.evidence("report.txt"))

    def evidence_is_never_overwritten(self):
        self.assertEqual(self.compare(self.program("a"), self.program("b")).returncode, 0)
        result = self.compare(self.program("a"), self.program("b"))
        self.assertEqual(result.returncode, 2)
        self.assertIn("holds results already; name another with --out", result.stderr)

    def arguments_that_do_not_go_together_are_named(self):
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
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(problem, result.stderr)

    def help_says_how(self):
        result = self.regress("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("scripts/regress BASE NEW", result.stdout)

    def mha_bench_calibrates_a_model(self):
        model = self.folder / "noise.json"
        result = self.regress(
            f"--calibrate={model}", f"--base_bin={BENCH}", f"--compare_bin={COMPARE}", "--runs=3",
            "--canary_limit=1000", "--", "--device=cpu", "--threads=1", "--batch=2", "--seq_len=8",
            "--embed_dim=16", "--heads=2", "--beta=1:8:1", "--benchmark_min_time=3x",
        )
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        groups = json.loads(model.read_text())["clocks"]["event"]
        self.assertEqual({group["path"] for group in groups}, {"slow", "fast"})
        self.assertEqual(json.loads(model.read_text())["runs"], 3)


if __name__ == "__main__":
    suite = unittest.TestSuite([TestRegress(sys.argv[4])])
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful())
