"""Results files for tests: small, and of known content."""

import gzip
import itertools
import json
import pathlib

REPOSITORY = pathlib.Path(__file__).parents[3]
H200 = REPOSITORY / "docs/results/h200/script.json.gz"
ALL_PATHS = REPOSITORY / "docs/results/h100/all_paths/all_paths.json.gz"


def row(path, /, dtype="fp16", batch=16, seq_len=64, embed_dim=512, heads=8, beta=0.85, **fields):
    """An entry of "benchmarks". A field that is None is absent."""
    name = (
        f"MHA/{path}/{dtype}/batch:{batch}/seq_len:{seq_len}/embed_dim:{embed_dim}/heads:{heads}"
        f"/beta:{beta}/manual_time"
    )
    entry = {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "iterations": 20,
        "real_time": 100.0,
        "cpu_time": 101.0,
        "time_unit": "us",
        "path": path,
        "dtype": dtype,
        "device": "cuda:0",
        "lengths": "script",
        "batch": float(batch),
        "seq_len": float(seq_len),
        "embed_dim": float(embed_dim),
        "heads": float(heads),
        "beta": beta,
        "padding": 0.4,
        "errors": 0.0,
        "seed": 26214.0,
    }
    return {k: v for k, v in {**entry, **fields}.items() if v is not None}


def document(rows, **context):
    known = {"gpu_name": "Test GPU", "torch_version": "2.11.0", "cuda_version": "13.0"}
    return {"context": {**known, **context}, "benchmarks": list(rows)}


def write(folder, name, content):
    """The path of a file that holds the document, or the text as it is."""
    path = pathlib.Path(folder) / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def slow_and_fast(folder):
    """The path of a file with the H200's rows of these two."""
    content = json.loads(gzip.decompress(H200.read_bytes()))
    rows = [row for row in content["benchmarks"] if row["path"] in ("slow", "fast")]
    return write(folder, "slow_and_fast.json", {**content, "benchmarks": rows})


def many_paths():
    """Rows of every status and field on eight paths, whose times follow simple laws:

    slow takes 1 us per 100 padded positions, the packed ones 80 us and 1 us per 400 tokens.
    """
    paths = (
        "slow",
        "fast",
        "packed_flash",
        "packed_best",
        "packed_cudnn",
        "slow_graph",
        "packed_cpu",
        "fast_masked",
    )
    rows = []
    sweep = itertools.product(
        (16, 64), (64, 128, 256), (512, 1024), ((0.05, 0.03), (0.85, 0.45), (2.05, 0.65))
    )
    for batch, seq_len, width, (beta, padding) in sweep:
        for place, path in enumerate(paths):
            rows.append(_law(path, place, batch, seq_len, width, beta, padding))
    return {
        **document(rows),
        "pairs": [
            _pair(row, clock)
            for row in rows
            for clock in ("event", "busy")
            if row["path"] == "fast"
        ],
    }


def _pair(row, clock):
    """A ratio that is decided above 1.1 and below 0.9."""
    ratio = row["batch"] * row["seq_len"] / 100 / row["real_time"]
    verdict = "fast" if ratio > 1.1 else "slow" if ratio < 0.9 else "undecided"
    configuration = row["name"].replace("MHA/fast/", "").replace("/manual_time", "")
    return {
        "base": "slow",
        "path": "fast",
        "configuration": configuration,
        "clock": clock,
        "ratio": ratio,
        "interval": [ratio / 1.1, ratio * 1.1],
        "rounds": 6,
        "verdict": verdict,
    }


def _law(path, place, batch, seq_len, width, beta, padding):
    size = batch * seq_len
    where = {
        "batch": batch,
        "seq_len": seq_len,
        "embed_dim": width,
        "beta": beta,
        "padding": padding,
    }
    if path == "packed_cpu":
        reason = "packed_cpu runs on the CPU alone"
        return row(
            path,
            **where,
            error_occurred=True,
            error_message=reason,
            skip_reason=reason,
            real_time=None,
            iterations=None,
            errors=None,
        )
    if path == "fast_masked" and size == 1024:
        return row(
            path,
            **where,
            error_occurred=True,
            error_message="out of memory",
            real_time=None,
            iterations=None,
            errors=None,
        )
    padded = path.startswith("slow") or path == "fast_masked"
    us = size / 100 if padded else 80 + size * (1 - padding) / 400
    us *= 1 + place / 50
    pack, unpack = (16.0, 0.5) if padded else (30.0, 30.0)
    wrong = path == "packed_cudnn" and seq_len == 64
    return row(
        path,
        **where,
        real_time=us,
        event_us_median=us,
        event_us_p05=0.95 * us,
        event_us_p95=1.1 * us,
        event_ci=0.02,
        samples=20.0,
        busy_us=0.8 * us,
        host_us=40.0,
        kernels=3.0,
        floor_us=0.3 * us,
        over_floor=0.8 / 0.3,
        pack_us=pack,
        unpack_us=unpack,
        max_abs_err=0.5 if wrong else 1e-4,
        worst_err=0.5 if wrong else 1e-4,
        worst_bound=1e-3,
        errors=float(wrong),
        backend="flash",
    )
