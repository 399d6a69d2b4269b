"""README.md of a folder of results: when, with which versions and commands, and the tables that can
be computed. The words on what they mean are the owner's to add."""

import json
import subprocess
import sys

from mhabench.collect.session import minutes
from mhabench.collect.steps import STEPS
from mhabench.output import write_file
from mhabench.program import ROOT, last_line, tell

MARK = "<!-- Written by scripts/collect. Without this line it is left alone. -->"
VERSIONS = {
    "driver": "driver_version",
    "CUDA": "cuda_version",
    "cuBLAS": "cublas_version",
    "cuDNN": "cudnn_version",
    "torch": "torch_version",
    "power limit, W": "power_limit_watts",
    "system": "operating_system",
}


def write_page(folder, record):
    """Returns whether it was written: not over words of the owner's."""
    page = folder / "README.md"
    if page.exists() and MARK not in page.read_text(encoding="utf-8"):
        return False
    write_file(page, _text(folder, record))
    return True


def _text(folder, record):
    facts, file = {}, folder / "environment.json"
    if file.exists():
        facts = json.loads(file.read_text(encoding="utf-8"))
    lines = [f"# {facts.get('gpu_name', record.get('gpu_name', 'Results'))}", "", MARK, ""]
    known = [f"{name} {facts[key]}" for name, key in VERSIONS.items() if facts.get(key) is not None]
    lines += [", ".join(known) + ".", ""] if known else []
    done = {step: record["steps"][step.name] for step in STEPS if step.name in record["steps"]}
    if any(found.get("tiny") for found in done.values()):
        lines += ["Some steps ran as a trial on a tiny grid: their figures mean nothing.", ""]
    lines += ["| step | what | outcome | time | date | revision |", "|---|---|---|---|---|---|"]
    lines += [_step_line(step, found) for step, found in done.items()]
    lines += ["", "The commands, run in this folder:", "", "```sh"]
    lines += [run["command"] for found in done.values() for run in found["runs"].values()]
    lines += ["```", ""]
    if tables := _tables(folder):
        lines += ["What `docs/results/summarize.py` computes:", "", "```text", tables, "```", ""]
    return "\n".join(lines)


def _step_line(step, done):
    outcome = done["status"] + (f": {done['reason']}" if done.get("reason") else "")
    took = minutes(done["seconds"]) if done.get("seconds") else ""
    day = done.get("date", "")[:10]
    cells = [step.name, step.what, outcome.replace("|", "\\|"), took, day, done.get("revision", "")]
    return f"| {' | '.join(cells)} |"


def _tables(folder):
    script = ROOT / "docs" / "results" / "summarize.py"
    command = [sys.executable, script, folder]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        tell(f"no tables: {script.name} failed: {last_line(result.stderr)}")
        return ""
    return result.stdout.strip()
