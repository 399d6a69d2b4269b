"""Revisions of this project, checked out and built; programs run with their output in a log."""

import os
import re
import shlex
import subprocess
import time
from pathlib import Path

from mhabench.program import FAILED, ROOT, Failure, InputError, last_line, tell


def run_logged(command, log, status_after=lambda _: FAILED, **options):
    """Runs it with its output in a log; Failure names the command and the log's last line."""
    with open(log, "w", encoding="utf-8") as out:
        try:
            status = subprocess.run(
                command, stdout=out, stderr=subprocess.STDOUT, check=False, **options
            ).returncode
        except OSError as error:
            raise Failure(f"{command[0]} cannot be run: {error.strerror}") from error
    if status != 0:
        last = last_line(Path(log).read_text(encoding="utf-8", errors="replace"))
        raise Failure(
            f"'{shlex.join(map(str, command))}' ended with status {status} ({log}): {last}",
            status_after(status),
        )


def revision_of(name):
    command = ["git", "-C", str(ROOT), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise InputError(f"'{name}' is no revision of this project")
    return result.stdout.strip()


def torch_named(text):
    """A LibTorch install: a folder, or a version that set-up has fetched."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        if not Path(text).exists():
            raise InputError(f"'{text}' does not exist")
        return Path(text).resolve()
    environment = ROOT / "build" / f"torch-{text}" / "venv"
    found = sorted(environment.glob("lib/python3*/site-packages/torch"))
    if not found or not (environment / ".complete").exists():
        raise InputError(f"LibTorch {text} is not here: MHABENCH_TORCH={text} scripts/setup fetches it")
    return found[0]


def checked_out(revision):
    """The revision's files, with the LibTorch that set-up found for this checkout."""
    source = ROOT / "build" / "regress" / revision[:12] / "source"
    if not (source / "CMakeLists.txt").exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        run_logged(
            ["git", "-C", str(ROOT), "worktree", "add", "--force", "--detach", str(source), revision],
            source.parent / "checkout.log",
        )
    for name in ("venv", "cuda-venv"):
        link, target = source / "build" / name, ROOT / "build" / name
        if target.exists() and not link.exists():
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(target)
    return source


def built(revision, torch=None):
    """mha_bench of a revision, against `torch` or what its CMake finds."""
    source = checked_out(revision)
    name = "build"
    if torch is not None:
        name += "-" + torch.as_posix().strip("/").replace("/", "_")
    build = source.parent / name
    log = source.parent / f"{name}.log"
    configure = ["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja"]
    configure += ["-DCMAKE_BUILD_TYPE=Release", "-DMHABENCH_TESTS=OFF"]
    if torch is not None:
        configure.append(f"-DCMAKE_PREFIX_PATH={torch}")
    tell(f"building {revision[:12]}{'' if torch is None else f' on {torch}'} ({log})")
    start = time.monotonic()
    # The variable would win over the folder.
    env = {key: value for key, value in os.environ.items() if key != "MHABENCH_TORCH"}
    run_logged(configure, source.parent / f"{name}.configure.log", env=env)
    run_logged(["cmake", "--build", str(build), "--target", "mha_bench"], log)
    tell(f"built in {time.monotonic() - start:.0f} s")
    return build / "bin" / "mha_bench"
