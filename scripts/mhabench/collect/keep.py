"""What is kept of a run: its rows and context without what names the host, gzipped; its text."""

import gzip
import json
import re
import socket
from pathlib import Path

from mhabench.output import write_file

# Of Google Benchmark's and the suite's context, at any depth.
HOST_KEYS = frozenset(
    "host_name gpu_uuid executable num_cpus mhz_per_cpu cpu_scaling_enabled caches load_avg"
    " cpu_governor cpu_model threads device_index".split()
)
# Flags of a command line that say where a file lies.
PATH_FLAGS = ("--benchmark_out=", "--save_path=", "--error_save_path=", "--kernels_out=")
UUID = re.compile(r"GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def stripped_context(context, keep_cpu_model=False):
    """Without the keys that say where it ran; paths are taken off command lines."""
    if isinstance(context, list):
        return [stripped_context(value, keep_cpu_model) for value in context]
    if not isinstance(context, dict):
        return context
    kept = {}
    for key, value in context.items():
        if key in HOST_KEYS and not (key == "cpu_model" and keep_cpu_model):
            continue
        if key == "command_line" and isinstance(value, list):
            kept[key] = [flag for flag in value if not str(flag).startswith(PATH_FLAGS)]
        else:
            kept[key] = stripped_context(value, keep_cpu_model)
    return kept


def keep_results(source, target, keep_cpu_model=False):
    """A results file, gzipped: the same rows give the same bytes."""
    document = json.loads(Path(source).read_text(encoding="utf-8"))
    document["context"] = stripped_context(document.get("context", {}), keep_cpu_model)
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"
    write_file(target, gzip.compress(text.encode(), mtime=0))


def plain_text(text, places):
    """Without the host's name, a GPU's UUID and the given folders: {path: what stands for it}."""
    for place, name in places.items():
        text = text.replace(str(place), name)
    host = socket.gethostname()
    if len(host) > 2:
        text = re.sub(rf"\b{re.escape(host)}\b", "HOST", text)
    return UUID.sub("GPU-UUID", text)
