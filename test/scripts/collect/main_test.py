"""Runs collect over a program that stands in for mha_bench, and once over mha_bench itself."""

import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from support import documents
from support.case import Case, bin_folder, command, needs_programs

ROOT, BIN = documents.REPOSITORY, bin_folder()
UUID = "GPU-12345678-1234-1234-1234-123456789abc"
HOST_KEYS = """host_name gpu_uuid executable num_cpus mhz_per_cpu cpu_scaling_enabled caches load_avg
cpu_governor cpu_model threads device_index""".split()

# Notes each call, and writes rows and a context as mha_bench does.
FAKE = """#!/usr/bin/env python3
import json, socket, sys, time
from pathlib import Path

here = Path(__file__).parent
settings = json.loads((here / "settings.json").read_text())
flags = dict(a.lstrip("-").split("=", 1) for a in sys.argv[1:] if "=" in a)
with open(here / "calls", "a") as calls:
    print(" ".join(sys.argv[1:]), file=calls)
asks = {{"--version", "--self_test"}} & set(sys.argv)
if asks or sys.argv[0].endswith("overhead"):
    print("mha_bench 0.1.0")
    sys.exit()
if "--device=cuda:1" in sys.argv:
    sys.exit(0 if settings["devices"] else 2)
out = Path(flags["benchmark_out"])
if out.stem in settings["fails"]:
    print("the device is gone", file=sys.stderr)
    sys.exit(2)
if out.stem in settings["hangs"]:
    time.sleep(60)
context = {{key: socket.gethostname() for key in {host_keys}}}
context.update(date="2026-11-23", device="cuda:0" if settings["gpu"] else "cpu", seed=26214,
               mhabench_revision=settings["revision"], memory_bytes=150109880320, caches=[1],
               command_line=sys.argv[1:], shards=[{{"host_name": "a", "gpu_uuid": "b", "n": 1}}])
if settings["gpu"]:
    context["gpu_name"] = settings["gpu"]
rows = [
    dict(name=f"MHA/{{path}}/fp16/batch:2/seq_len:{{n}}/manual_time", path=path, threads=1,
         run_type="iteration", time_unit="us", real_time=100.0 + n, event_us_median=100.0 + n,
         busy_us=50.0 + n, host_us=9.0, errors=0.0, head_dim=8, embed_dim=16, dtype="fp16")
    for n in (8, 16) for path in ("slow", "fast")
]
if "sdpa" in flags:
    rows = rows[:2]
    rows[0].update(error_occurred=True, error_message="no memory", bytes_asked=3e11)
    rows[1]["errors"] = float(settings["wrong"])
out.write_text(json.dumps(dict(context=context, benchmarks=rows)))
for flag in ("save_path", "error_save_path"):
    if flag in flags:
        Path(flags[flag]).write_text("kept")
print("on", socket.gethostname(), "{uuid}", here)
bad = "sdpa" in flags or out.stem in settings["bad"]
print(f"Wrong or failed rows: {{int(bad)}} of {{len(rows)}}")
sys.exit(int(bad))
"""


@needs_programs
class TestCollect(Case):
    def set_up(self):
        self.bin = self.folder / "build" / "bin"
        self.bin.mkdir(parents=True)
        self.out = self.folder / "results"
        for name in ("mha_bench", "mha_overhead"):
            (self.bin / name).write_text(FAKE.format(host_keys=HOST_KEYS, uuid=UUID))
            (self.bin / name).chmod(0o755)
        (self.bin / "mha_compare").symlink_to(BIN / "mha_compare")
        (self.folder / "build" / "CTestTestfile.cmake").write_text(
            'add_test([=[one]=] "/bin/true")\n'
        )
        self.set()

    def set(self, **changes):
        known = dict(
            gpu="Test GPU", revision="1", devices=False, wrong=0, fails="", hangs="", bad=""
        )
        (self.bin / "settings.json").write_text(json.dumps({**known, **changes}))

    def command_of(self, *arguments):
        # Neither ncu nor compute-sanitizer of this machine is to be found, and no GPU.
        tools = self.folder / "tools"
        tools.mkdir(exist_ok=True)
        for name in ("python3", "env", "ctest"):
            program = sys.executable if name == "python3" else shutil.which(name)
            if not (tools / name).exists():
                (tools / name).symlink_to(program)
        found = command("collect", self.out, *arguments)
        env = {**os.environ, "PATH": str(tools), "CUDA_HOME": str(tools)}
        env["CUDA_VISIBLE_DEVICES"] = ""
        return found, env

    def collect(self, *arguments, build=True):
        more = [f"--build={self.folder / 'build'}"] if build else []
        command, env = self.command_of(*more, *arguments)
        return subprocess.run(command, capture_output=True, text=True, env=env, check=False)

    def calls(self):
        """The runs of mha_bench, by the names of their results."""
        lines = (self.bin / "calls").read_text().splitlines()
        found = [line.split("--benchmark_out=raw/")[1] for line in lines if "benchmark_out" in line]
        names = [rest.split(".json")[0] for rest in found]
        return [name for name in names if name != "probe"]

    def steps(self):
        return json.loads((self.out / "steps.json").read_text())["steps"]

    def test_steps_run_and_leave_their_files(self):
        result = self.collect()
        self.assert_status(result, 0)
        outcomes = {name: step["status"] for name, step in self.steps().items()}
        without_tools = {"profilers", "memcheck", "devices", "parity"}
        assert {n for n, status in outcomes.items() if status == "skipped"} == without_tools
        assert set(outcomes.values()) == {"done", "skipped"}
        for name in (
            "environment.json script.json.gz script.txt script.csv script_errors.json self_test.txt "
            "overhead.txt three_runs/run3.json.gz all_paths/all_paths.json.gz rounds/rotate.json.gz "
            "rounds/rounds.json.gz dtypes/dtypes.json.gz "
            "oom/oom.json.gz tests.txt raw/script.json"
        ).split():
            assert (self.out / name).exists(), name
        page = (self.out / "README.md").read_text()
        assert page.startswith("# Test GPU\n"), page
        for part in (
            "\nmha_bench --path=slow,fast,padded_sdpa,packed_best --grid=script --save_path=script.csv"
            " --error_save_path=script_errors.json --benchmark_out=raw/script.json",
            "| memcheck | every path under compute-sanitizer | skipped: no compute-sanitizer on PATH |",
            "three_runs/run1.json.gz: 4 0 0 0",
        ):
            assert part in page
        assert result.stdout == ""
        assert "collect: grid: done, " in result.stderr
        self.check_that_nothing_kept_names_the_host()

    def check_that_nothing_kept_names_the_host(self):
        kept = [p for p in self.out.rglob("*") if p.is_file() and "raw" not in p.parts]
        assert len(kept) > 30
        for path in kept:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            text = data.decode()
            for word in (UUID, str(self.folder), str(ROOT)):
                assert word not in text, path
            if len(socket.gethostname()) > 2:
                assert socket.gethostname() not in text, path
            if path.name.endswith(".json.gz"):
                document = json.loads(text)
                assert document["context"]["shards"] == [{"n": 1}]
                assert set(document["context"]) & set(HOST_KEYS) == set(), path
                assert "seed" in document["context"]
                assert "--benchmark_out" not in str(document["context"]["command_line"])
                assert document["benchmarks"][0]["threads"] == 1
        assert (self.out / "raw" / ".gitignore").read_text() == "*\n"

    def test_what_is_done_is_not_run_again(self):
        self.assert_status(self.collect("--steps=grid"), 0)
        result = self.collect("--steps=grid")
        self.assert_status(result, 0)
        assert self.calls() == ["script"]
        assert "grid: done already" in result.stderr
        self.assert_status(self.collect("--steps=grid", "--again"), 0)
        assert self.calls() == ["script", "script"]

    def test_a_trial_is_not_taken_for_a_run(self):
        self.assert_status(self.collect("--steps=grid", "--try"), 0)
        assert "--seq_len=8,16" in self.steps()["grid"]["runs"]["script"]["command"]
        assert "figures mean nothing" in (self.out / "README.md").read_text()
        self.assert_status(self.collect("--steps=grid"), 0)
        assert self.calls() == ["script", "script"]
        assert "--seq_len=8,16" not in self.steps()["grid"]["runs"]["script"]["command"]
        assert "figures mean nothing" not in (self.out / "README.md").read_text()

    def test_a_step_goes_on_with_the_run_that_failed(self):
        self.set(fails="run2")
        self.assert_status(self.collect("--steps=repeat"), 1)
        self.set()
        self.assert_status(self.collect("--steps=repeat"), 0)
        assert self.calls() == ["run1", "run2", "run2", "run3"]

    def test_runs_of_another_build_do_not_stand(self):
        self.set(fails="run2")
        self.assert_status(self.collect("--steps=repeat"), 1)
        self.set(revision="2")
        self.assert_status(self.collect("--steps=repeat"), 0)
        assert self.calls() == ["run1", "run2", "run1", "run2", "run3"]

    def test_a_step_that_fails_stops_no_other(self):
        self.set(fails="all_paths", bad="rounds")
        result = self.collect("--steps=all_paths,rounds,rotate")
        self.assert_status(result, 1)
        assert [s["status"] for s in self.steps().values()] == ["failed", "failed", "done"]
        assert "all_paths: failed: ended with status 2: the device is gone" in result.stderr
        assert "failed: ended with status 1: Wrong or failed rows: 1 of 4" in result.stderr
        # Rows that were measured are kept, wrong ones among them too.
        assert (self.out / "rounds" / "rounds.json.gz").exists()
        assert "| failed: ended with status 2" in (self.out / "README.md").read_text()

    def test_the_cpu_model_is_kept_where_asked(self):
        self.assert_status(self.collect("--steps=grid", "--keep-cpu-model"), 0)
        with gzip.open(self.out / "script.json.gz") as file:
            assert "cpu_model" in json.load(file)["context"]

    def test_without_a_gpu_its_steps_are_skipped(self):
        self.set(gpu="")
        result = self.collect("--steps=environment,grid,oom")
        self.assert_status(result, 0)
        outcomes = [step["status"] for step in self.steps().values()]
        assert outcomes == ["done", "skipped", "skipped"]
        assert "grid: skipped: needs a GPU, and none is seen here" in result.stderr
        assert self.calls() == []

    def test_several_gpus_are_held_against_one(self):
        self.set(devices=True)
        self.assert_status(self.collect("--steps=devices"), 0)
        assert self.calls() == ["one", "all"]
        assert "--devices=all" in self.steps()["devices"]["runs"]["all"]["command"]
        assert "1 run, 4 rows" in (self.out / "devices" / "compare.txt").read_text()

    def test_a_row_behind_one_without_memory_has_to_be_right(self):
        self.assert_status(self.collect("--steps=oom"), 0)
        self.set(wrong=1)
        result = self.collect("--steps=oom", "--again")
        self.assert_status(result, 1)
        assert "the row behind the one that failed is not right" in result.stderr
        # The run stands, and so does what is wrong with it.
        self.assert_status(self.collect("--steps=oom"), 1)

    def test_tools_and_a_python_with_torch_are_found(self):
        self.command_of()
        for program in ("tools/compute-sanitizer", "tools/ncu", "venv/bin/python"):
            path = self.folder / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "called with $@"\n')
            path.chmod(0o755)
        self.assert_status(self.collect("--steps=parity,profilers,memcheck"), 0)
        shown = {name: step["runs"][name]["command"] for name, step in self.steps().items()}
        parity = (
            "env PYTHONPATH=mhabench/scripts python -m mhabench parity --bin=bin --out=parity.csv"
        )
        assert shown["parity"] == parity
        assert shown["memcheck"].startswith(
            "compute-sanitizer --tool memcheck --error-exitcode 99 mha_bench "
        )
        text = (self.out / "parity.md").read_text()
        assert text == "called with -m mhabench parity --bin=bin --out=parity.csv\n"
        text = (self.out / "profilers.md").read_text()
        assert text == "called with mhabench/test/clocks/compare_profilers.py bin/mha_bench\n"
        assert " bin/mha_bench --path=all " in (self.out / "memcheck.txt").read_text()

    def test_another_gpu_is_refused(self):
        self.assert_status(self.collect("--steps=grid"), 0)
        self.set(gpu="Other GPU")
        result = self.collect("--steps=rounds")
        self.assert_status(result, 2)
        assert "holds results of Test GPU, and here is Other GPU" in result.stderr

    def test_words_of_the_owner_are_left_alone(self):
        self.assert_status(self.collect("--steps=grid"), 0)
        (self.out / "README.md").write_text("# What I found\n")
        self.assert_status(self.collect("--steps=rounds"), 0)
        assert (self.out / "README.md").read_text() == "# What I found\n"

    def test_a_signal_keeps_the_runs_that_finished(self):
        self.set(hangs="run2")
        command, env = self.command_of(f"--build={self.folder / 'build'}", "--steps=repeat")
        with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
            for _ in range(300):
                if (self.bin / "calls").exists() and "run2" in self.calls():
                    break
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[1]
        assert process.returncode == 128 + signal.SIGTERM, said
        self.set()
        self.assert_status(self.collect("--steps=repeat"), 0)
        assert self.calls() == ["run1", "run2", "run2", "run3"]

    def test_wrong_flags_are_named(self):
        for arguments, problem in (
            (["--steps=grdi"], "'grdi' is none of environment, self_test"),
            (["--steps=grdi"], "did you mean 'grid'?"),
            (["--step=grid"], "unrecognized arguments: --step=grid"),
            (["--again=yes"], "ignored explicit argument 'yes'"),
        ):
            result = self.collect(*arguments)
            self.assert_status(result, 2)
            assert problem in result.stderr
        result = self.collect("--build=nowhere", build=False)
        self.assert_status(result, 2)
        assert "--build=nowhere: no mha_bench is there" in result.stderr
        assert not self.out.exists()
        self.out.mkdir()
        (self.out / "steps.json").write_text("{")
        result = self.collect()
        self.assert_status(result, 2)
        assert "steps.json' is none of collect's" in result.stderr
        self.out = "--again"
        result = self.collect()
        self.assert_status(result, 2)
        assert "needs a folder for the results" in result.stderr

    def test_the_list_names_every_step(self):
        result = self.collect("--list")
        self.assert_status(result, 0)
        names = [line.split()[0] for line in result.stdout.splitlines()]
        assert names[:2] == ["environment", "self_test"]
        assert len(names) == 16
        assert not self.out.exists()

    def test_the_kept_results_are_summarized(self):
        script = ROOT / "docs" / "results" / "summarize.py"
        for gpu, lines in (
            (
                "h200",
                (
                    "  script.json.gz: 5120 0 0 0",
                    "  3.05, padding 0.72, of 80: 2.42 0; 2.42 0; 4.47 0; 1.07 39; 2.42 0; 2.42 0",
                    "  0.05, of 16: 0.01 to 0.08; 1.19 to 1.22; 1.37 to 1.47",
                ),
            ),
            (
                "h100",
                (
                    "  all_paths/all_paths.json.gz: 3600 0 0 1152",
                    "  fp32 packed_best: 48 0 0 0 2.00 1.56",
                    "  event: fast 16, slow 26, undecided 6",
                ),
            ),
        ):
            command = [sys.executable, script, ROOT / "docs" / "results" / gpu]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assert_status(result, 0)
            for line in lines:
                assert line + "\n" in result.stdout

    @pytest.mark.gpu
    def test_mha_bench_goes_through_a_trial(self):
        (self.bin / "mha_bench").unlink()
        (self.bin / "mha_bench").symlink_to(BIN / "mha_bench")
        result = self.collect("--try", "--steps=environment,grid,rounds")
        self.assert_status(result, 0)
        with gzip.open(self.out / "script.json.gz") as file:
            document = json.load(file)
        # packed_best needs a GPU.
        known = [row["errors"] for row in document["benchmarks"] if "errors" in row]
        assert (len(document["benchmarks"]), known) == (16, [0.0] * 12)
        assert set(document["context"]) & set(HOST_KEYS) == set()
        assert "Total errors: 0" in (self.out / "script.txt").read_text()
        assert "rounds/rounds.json.gz: 8 0 0 0" in (self.out / "README.md").read_text()
