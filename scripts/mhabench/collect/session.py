"""One call: the folder, the machine, the runs of each step, their record in steps.json."""

import json
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from mhabench.collect.keep import keep_results, plain_text, stripped_context
from mhabench.output import make_folder, write_file
from mhabench.program import ROOT, Failure, InputError, last_line, tell

# None of the commands takes a tenth of this on an H200: one that does hangs.
MOST_SECONDS = 1800
PROBE = (
    "--path=slow --dtype=fp32 --batch=2 --seq_len=8 --embed_dim=16 --heads=2 --beta=0.85"
    " --benchmark_min_time=1x --trace=false --benchmark_out=raw/probe.json"
).split()
# Of a context, what a run was asked to do.
ASKED = ("grid", "command_line", "settings", "peaks", "lengths", "seed", "l2", "rounds")
SEES_GPU = "import torch, sys; sys.exit(not torch.cuda.is_available())"


class Skipped(Exception):
    """A step that this machine cannot run."""


class Stopped(Exception):
    """A signal came; args[0] is its number."""


def minutes(seconds):
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def ends_well(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, **options).returncode == 0


class Session:
    def __init__(self, folder, bin_folder, tiny=False, keep_cpu_model=False):
        self.folder, self.bin = folder, bin_folder
        self.tiny, self.keep_cpu_model = tiny, keep_cpu_model
        self.raw = folder / "raw"
        self.record_file = folder / "steps.json"
        self.record = {"steps": {}}
        if self.record_file.exists():
            try:
                self.record = json.loads(self.record_file.read_text(encoding="utf-8"))
            except ValueError as error:
                raise InputError(f"'{self.record_file}' is none of collect's: {error}") from None
        self.context = None  # of a run on this machine, once there was one
        self.step = None

    # --- the machine ------------------------------------------------------------------------------

    def probed(self):
        """The context that a run here writes."""
        if self.context is None:
            self._clear("probe")
            self._run([str(self.bin / "mha_bench"), *PROBE], "probe")
            text = (self.raw / "probe.json").read_text(encoding="utf-8")
            self.context = json.loads(text)["context"]
        return self.context

    def check_machine(self):
        """One folder is of one GPU: throws InputError if this one is another."""
        name = self.probed().get("gpu_name", "no GPU")
        known = self.record.setdefault("gpu_name", name)
        if known != name:
            raise InputError(f"'{self.folder}' holds results of {known}, and here is {name}")

    def check_needs(self, step):
        """Throws Skipped."""
        build = self.bin.parent
        if step.needs == "tests" and not (build / "CTestTestfile.cmake").exists():
            raise Skipped(f"'{build.name}' is built without tests: --build=build/test, ci or dev")
        if step.needs in ("", "tests") or (step.needs == "grid" and self.tiny):
            return
        if not self.probed()["device"].startswith("cuda"):
            raise Skipped("needs a GPU, and none is seen here")
        if step.needs == "gpus":
            if not ends_well(self.bin / "mha_bench", *PROBE, "--device=cuda:1", cwd=self.folder):
                raise Skipped("there is one GPU")

    def _program(self, name):
        """The path of one of ours, of a Python whose torch sees the GPU, or of a tool; throws
        Skipped."""
        if (self.bin / name).exists():
            return str(self.bin / name)
        if name == "python":
            for python in (self.bin.parent.parent / "venv/bin/python", Path(sys.executable)):
                if python.exists() and ends_well(python, "-c", SEES_GPU):
                    return str(python)
            raise Skipped(
                "no Python with a torch that sees the GPU (build/venv, or the one that runs this)"
            )
        found = shutil.which(name, path=self._path())
        if found is None:
            raise Skipped(f"no {name} on PATH")
        return found

    def _path(self):
        """PATH, and where the CUDA Toolkit's programs usually are."""
        toolkit = os.environ.get("CUDA_HOME", "/usr/local/cuda")
        return f"{os.environ.get('PATH', '')}{os.pathsep}{toolkit}/bin"

    def write_environment(self):
        """What the machine is, without what names it, and the versions of its tools."""
        facts = stripped_context(self.probed(), self.keep_cpu_model)
        release = Path("/etc/os-release")
        text = release.read_text() if release.exists() else ""
        named = re.search(r'^PRETTY_NAME="?([^"\n]*)', text, re.M)
        facts["operating_system"] = named.group(1) if named else sys.platform
        for name in ("nvcc", "ncu", "compute-sanitizer"):
            if tool := shutil.which(name, path=self._path()):
                version = re.search(r"(?:release|version) ([\d.]+)", output_of(tool, "--version"), re.I)
                facts[name] = version.group(1) if version else "unknown"
        facts["program"] = output_of(self.bin / "mha_bench", "--version").strip()
        facts = {key: value for key, value in facts.items() if key not in ASKED}
        write_file(self.folder / "environment.json", json.dumps(facts, indent=1) + "\n")

    # --- steps ------------------------------------------------------------------------------------

    def start_step(self, step, again):
        """Runs of an unfinished step stand, unless they belong side by side or were another build's."""
        known = self.record["steps"].get(step.name, {})
        revision = self.probed().get("mhabench_revision", "")
        stand = not again and not step.together and known.get("revision") == revision
        runs = known.get("runs", {}) if stand else {}
        self.step = {"status": "unfinished", "revision": revision, "runs": runs}
        self.record["steps"][step.name] = self.step
        self._save()

    def end_step(self, status, reason=""):
        self.step.update(
            status=status,
            reason=reason,
            seconds=round(sum(run["seconds"] for run in self.step["runs"].values()), 1),
            date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            tiny=self.tiny,
        )
        self._save()

    def is_done(self, name):
        """By a run of the same kind: a trial is none of the real ones."""
        known = self.record["steps"].get(name, {})
        return known.get("status") == "done" and known.get("tiny") == self.tiny

    def _save(self):
        write_file(self.record_file, json.dumps(self.record, indent=1) + "\n")

    # --- runs -------------------------------------------------------------------------------------

    def run(self, run):
        """Once a step. Throws Failure, and Skipped if its program is absent."""
        words = run.words(self._places(), self.tiny)
        out, text = self.raw / f"{run.name}.json", self.folder / (run.kept + run.suffix)
        if run.rows:
            words.append(f"--benchmark_out=raw/{run.name}.json")
        shown = plain_text(shlex.join(words), self._hidden())
        done = self.step["runs"].get(run.name, {})
        there = text.exists() and (out.exists() or not run.rows)
        if there and done.get("command") == shown and done["status"] in run.expected:
            tell(f"  {run.name}: done already")
        else:
            command = [self._found(word, place) for place, word in enumerate(words)]
            self._run_and_keep(run, command, shown, out, text)
        if run.problem and (problem := run.problem(json.loads(out.read_text())["benchmarks"])):
            raise Failure(problem)

    def _run_and_keep(self, run, command, shown, out, text):
        """What it measured and printed is kept even if its status is wrong, which throws Failure."""
        self._clear(run.name)
        make_folder(text.parent)
        start = time.monotonic()
        failed, status = None, 0
        try:
            self._run(command, run.name)
        except Failure as failure:
            failed, status = failure, failure.status
        seconds = round(time.monotonic() - start, 1)
        printed = (self.raw / f"{run.name}.txt").read_text(encoding="utf-8", errors="replace")
        write_file(text, plain_text(printed, self._hidden()))
        if run.rows and out.exists():
            keep_results(out, self.folder / f"{run.kept}.json.gz", self.keep_cpu_model)
        self.step["runs"][run.name] = {"command": shown, "seconds": seconds, "status": status}
        self._save()
        tell(f"  {run.name}: {minutes(seconds)}")
        if status not in run.expected:
            raise failed or Failure(f"ended with status {status}")

    def _found(self, word, place):
        """A command's first word is a program; one of ours, and Python, is one anywhere."""
        ours = "/" not in word and (self.bin / word).exists()
        return self._program(word) if place == 0 or ours or word == "python" else word

    def _places(self):
        """Of commands. The math back end holds heads x length^2 scores of 2 bytes at once: twice the
        device's memory, with 16 heads."""
        memory = self.probed().get("memory_bytes", 0)
        too_long = 64 * math.ceil(math.sqrt(2 * memory / 32) / 64)
        return {"bin": self.bin, "build": self.bin.parent, "root": ROOT, "too_long": too_long}

    def _run(self, command, name):
        """In the folder, stdout to a file in raw/, stderr to a log beside it; throws Failure with its
        status and the log's last line."""
        text_file, log = self.raw / f"{name}.txt", self.raw / f"{name}.log"
        env = {**os.environ, "PATH": self._path()}
        with open(text_file, "wb") as out, open(log, "wb") as err:
            try:
                child = subprocess.Popen(
                    command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env
                )
            except OSError as error:
                raise Failure(f"{command[0]} cannot be run: {error.strerror}", -1) from error
            try:
                status = child.wait(MOST_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                raise Failure(f"took more than {minutes(MOST_SECONDS)}", -1) from None
            except Stopped:
                # mha_bench ends behind the row it is in.
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(30)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
                raise
        if status != 0:
            raise Failure(f"ended with status {status}: {_problem(log, text_file)}", status)

    def _clear(self, name):
        """A journal that an ended run left would be in the way of a new one."""
        for path in self.raw.glob(f"{name}.json*"):
            path.unlink()

    def _hidden(self):
        """Folders that would tell whose machine this is."""
        builds = {self.bin.parent: "build"} if self.bin.name == "bin" else {}
        return {self.folder: ".", self.bin: "bin", **builds, ROOT: "mhabench", Path.home(): "HOME"}


def _problem(log, text_file):
    """What mha_bench counts at its end, else the last line of the log or of the output."""
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in (log, text_file)]
    counted = re.findall(r"^Wrong or failed rows: [1-9].*", texts[1], re.M)
    return counted[-1] if counted else last_line(*texts)
