"""README.md of a folder of results: when, with which versions and commands, and the tables that can
be computed. The words on what they mean are the owner's to add."""

import json
import subprocess
import sys

from mhabench.collect.keep import write_whole
from mhabench.collect.session import minutes, tell
from mhabench.collect.steps import STEPS

MARK = "<!-- Written by scripts/collect. Without this line it is left alone. -->"
VERSIONS = (
    ("driver", "driver_version"),
    ("CUDA", "cuda_version"),
    ("cuBLAS", "cublas_version"),
    ("cuDNN", "cudnn_version"),
    ("torch", "torch_version"),
    ("power limit, W", "power_limit_watts"),
    ("system", "operating_system"),
)


def write_page(session):
    """Returns whether it was written: not over words of the owner's."""
    page = session.folder / "README.md"
    if page.exists() and MARK not in page.read_text(encoding="utf-8"):
        return False
    write_whole(page, page_text(session))
    return True


def page_text(session):
    record = session.record
    facts = {}
    if (session.folder / "environment.json").exists():
        facts = json.loads((session.folder / "environment.json").read_text(encoding="utf-8"))
    lines = [f"# {facts.get('gpu_name', record.get('gpu_name', 'Results'))}", "", MARK, ""]
    known = [f"{name} {facts[key]}" for name, key in VERSIONS if facts.get(key) is not None]
    lines += [", ".join(known) + ".", ""] if known else []
    if any(step.get("tiny") for step in record["steps"].values()):
        lines += ["Some steps ran as a trial on a tiny grid: their figures mean nothing.", ""]
    lines += ["| step | what | outcome | time | date | revision |", "|---|---|---|---|---|---|"]
    for step in STEPS:
        done = record["steps"].get(step.name)
        if done:
            lines.append(_step_line(step, done))
    lines += ["", "The commands, run in this folder:", "", "```sh"]
    for step in STEPS:
        runs = record["steps"].get(step.name, {}).get("runs", {})
        lines += [run["command"] for run in runs.values()]
    lines += ["```", ""]
    tables = _tables(session)
    if tables:
        lines += ["What `docs/results/summarize.py` computes:", "", "```text", tables, "```", ""]
    return "\n".join(lines)


def _step_line(step, done):
    outcome = done["status"] + (f": {done['reason']}" if done.get("reason") else "")
    took = minutes(done["seconds"]) if done.get("seconds") else ""
    day = done.get("date", "")[:10]
    cells = [step.name, step.what, outcome.replace("|", "\\|"), took, day, done.get("revision", "")]
    return f"| {' | '.join(cells)} |"


def _tables(session):
    script = session.root / "docs" / "results" / "summarize.py"
    result = subprocess.run(
        [sys.executable, script, session.folder], capture_output=True, text=True, check=False
    )
    if result.returncode:
        tell(f"no tables: {script.name} failed: {result.stderr.strip().splitlines()[-1]}")
        return ""
    return result.stdout.strip()
