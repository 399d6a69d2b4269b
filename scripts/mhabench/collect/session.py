"""Runs of one call: each program with its log, its record, and what is kept of it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from mhabench.collect.keep import keep_results, plain_text, stripped_context, write_whole
from mhabench.program import Failure, InputError

# None of the commands takes a tenth of this on an H200: one that does hangs.
MOST_SECONDS = 1800
# In place of each grid's own axes, to see that all steps work.
TRY_FLAGS = (
    "--batch=2 --seq_len=8,16 --embed_dim=16 --heads=2 --beta=0.05,0.85 --benchmark_min_time=5x"
).split()
PROBE_FLAGS = (
    "--path=slow --dtype=fp32 --batch=2 --seq_len=8 --embed_dim=16 --heads=2 --beta=0.85"
    " --benchmark_min_time=1x --trace=false"
).split()


class Skipped(Exception):
    """A step that this machine cannot run."""


class Stopped(Exception):
    """A signal came; args[0] is its number."""


def tell(text):
    print(f"collect: {text}", file=sys.stderr, flush=True)


def minutes(seconds):
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


class Session:
    """The folder, the programs and the machine; the records of steps and runs in steps.json."""

    def __init__(self, root, folder, bin_folder, tiny=False, keep_cpu_model=False):
        self.root, self.folder, self.bin = root, folder, bin_folder
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

    def on_gpu(self):
        return self.probed()["device"].startswith("cuda")

    def probed(self):
        """The context that a run here writes."""
        if self.context is None:
            out = self.raw / "probe.json"
            self._clear(out)
            self._run([self.program("mha_bench"), *PROBE_FLAGS, "--benchmark_out=raw/probe.json"],
                      self.raw / "probe.txt")  # fmt: skip
            self.context = json.loads(out.read_text(encoding="utf-8"))["context"]
        return self.context

    def check_machine(self):
        """One folder is of one GPU: throws InputError where this one is another."""
        name = self.probed().get("gpu_name", "no GPU")
        known = self.record.setdefault("gpu_name", name)
        if known != name:
            raise InputError(f"'{self.folder}' holds results of {known}, and here is {name}")

    def program(self, name):
        return self.bin / name

    def tool(self, name):
        """A program of the CUDA Toolkit, on PATH, in CUDA_HOME or where that usually is; None if
        absent."""
        toolkit = os.environ.get("CUDA_HOME", "/usr/local/cuda")
        places = [*os.environ.get("PATH", "").split(os.pathsep), f"{toolkit}/bin"]
        found = (Path(place) / name for place in places if place)
        return next((path for path in found if os.access(path, os.X_OK)), None)

    # --- steps ------------------------------------------------------------------------------------

    def start_step(self, name, again, together):
        """Runs that an unfinished step has behind it stand, unless they belong side by side or were
        another build's."""
        known = self.record["steps"].get(name, {})
        revision = self.probed().get("mhabench_revision", "")
        stand = not again and not together and known.get("revision") == revision
        runs = known.get("runs", {}) if stand else {}
        self.step = {"status": "unfinished", "revision": revision, "runs": runs}
        self.record["steps"][name] = self.step
        self.save()

    def end_step(self, status, reason=""):
        self.step.update(
            status=status,
            reason=reason,
            seconds=round(sum(run["seconds"] for run in self.step["runs"].values()), 1),
            date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            tiny=self.tiny,
        )
        self.save()

    def is_done(self, name):
        """By a run of the same kind: a trial is none of the real ones."""
        known = self.record["steps"].get(name, {})
        return known.get("status") == "done" and known.get("tiny") == self.tiny

    def save(self):
        write_whole(self.record_file, json.dumps(self.record, indent=1) + "\n")

    # --- runs -------------------------------------------------------------------------------------

    def grid(self, name):
        """Flags of a grid; a tiny one to try the steps with."""
        return [f"--grid={name}", *(TRY_FLAGS if self.tiny else [])]

    def bench(self, name, flags, kept=None, env=None, saves=(), expected=(0,)):
        """A run of mha_bench whose rows and text are kept as KEPT.json.gz and KEPT.txt; `saves` are
        (flag, file in the folder). Returns the results file as it was written."""
        kept = self.folder / (kept or name)
        out = self.raw / f"{name}.json"
        for _, file in saves:
            (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
        command = [self.program("mha_bench"), *flags, f"--benchmark_out=raw/{name}.json"]
        command += [f"{flag}={file}" for flag, file in saves]

        def keep():
            if out.exists():
                keep_results(out, kept.with_name(kept.name + ".json.gz"), self.keep_cpu_model)

        self.command(
            name, command, kept.with_name(kept.name + ".txt"), env, expected, out=out, keep=keep
        )
        return out

    def command(self, name, command, kept, env=None, expected=(0,), out=None, keep=lambda: None):
        """Runs it once a step; throws Failure where its status is none of those expected. Returns
        its status. What it printed goes to `kept`, what it measured to `out` and, by keep(), to where
        that is kept; all of it where the status is wrong, too."""
        shown = self._shown(command, env)
        before = self.step["runs"].get(name, {})
        there = all(path is None or path.exists() for path in (kept, out))
        if there and before.get("command") == shown and before["status"] in expected:
            tell(f"  {name}: done already")
            return before["status"]
        if out:
            self._clear(out)
        text_file = self.raw / f"{name}.txt"
        start = time.monotonic()
        problem, status = "", 0
        try:
            self._run(command, text_file, env)
        except Failure as failure:
            problem, status = str(failure), failure.status
        finally:
            seconds = time.monotonic() - start
        if kept:
            text = text_file.read_text(encoding="utf-8", errors="replace")
            write_whole(kept, plain_text(text, self._places()))
        keep()
        self.step["runs"][name] = {
            "command": shown,
            "seconds": round(seconds, 1),
            "status": status,
        }
        self.save()
        tell(f"  {name}: {minutes(seconds)}")
        if status not in expected:
            raise Failure(problem or f"ended with status {status}", status)
        return status

    def write(self, name, text):
        """A file of the step's own making."""
        write_whole(self.folder / name, text)

    def _run(self, command, text_file, env=None):
        """In the folder, stdout to the file, stderr to a log beside it; throws Failure with its
        status and the log's last line."""
        text_file.parent.mkdir(parents=True, exist_ok=True)
        log = text_file.with_suffix(".log")
        with open(text_file, "wb") as out, open(log, "wb") as err:
            try:
                child = subprocess.Popen(
                    [str(part) for part in command],
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env={**os.environ, **(env or {})},
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

    def _clear(self, out):
        """A journal that an ended run left would be in the way of a new one."""
        for path in out.parent.glob(out.name + "*"):
            path.unlink()

    def _places(self):
        builds = [(self.bin.parent, "build")] if self.bin.name == "bin" else []
        return [
            (self.folder, "."),
            (self.bin, "bin"),
            *builds,
            (self.root, "mhabench"),
            (Path.home(), "HOME"),
        ]

    def _shown(self, command, env):
        """As the README gives it: programs by their name."""
        parts = [self._named(part) if isinstance(part, Path) else part for part in command]
        settings = [f"{key}={value}" for key, value in (env or {}).items() if key != "PATH"]
        return plain_text(shlex.join(settings + parts), self._places())

    def _named(self, path):
        inside = path.is_relative_to(self.root) and not path.is_relative_to(self.bin)
        return str(path.relative_to(self.root)) if inside else path.name

    def facts(self):
        """What the machine is, without what names it."""
        return stripped_context(self.probed(), self.keep_cpu_model)


def _problem(log, text_file):
    """What mha_bench counts at its end, else the last line of the log or of the output."""
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in (log, text_file)]
    counted = re.findall(r"^Wrong or failed rows: [1-9].*", texts[1], re.M)
    lines = [line.strip() for text in texts[::-1] for line in text.splitlines() if line.strip()]
    return (counted or lines or ["no output"])[-1]
