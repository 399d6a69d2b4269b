"""The page: one HTML file that holds its rows, its scripts and plotly.js, and asks for nothing."""

import base64
import dataclasses
import hashlib
import html
import json
import math
import pathlib
import re

from mhabench.report.answer import answers
from mhabench.report.cells import baseline_of, baselines_of, paths_of
from mhabench.results.identity import machine
from mhabench.results.rows import is_padded

ASSETS = pathlib.Path(__file__).parent / "assets"
SCRIPTS = ("rows.js", "look.js", "maps.js", "axes.js", "clocks.js", "spread.js", "page.js")
PLACE = re.compile(r"%%([a-z]+)%%")
STRINGS = ("path", "dtype", "mode", "status", "reason", "backend", "config")
NUMBERS = (
    "batch seq_len embed_dim heads beta tokens padding real_time event_us_median event_us_p05 "
    "event_us_p95 event_ci samples calls_per_sample host_us syncs busy_us busy_ci kernels floor_us "
    "over_floor tflops pack_us unpack_us peak_bytes max_abs_err rel_err rel_bound worst_err "
    "worst_bound nonfinite sm_mhz throttled"
).split()


def page(sets, plotly_js):
    """The HTML. `plotly_js` is the library's source."""
    # A script element ends where its text says so, whatever the script meant.
    library = plotly_js.replace("</script", "<\\/script")
    own = "\n".join((ASSETS / name).read_text() for name in SCRIPTS)
    style = (ASSETS / "page.css").read_text()
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(own)}; "
        "style-src 'unsafe-inline'; img-src data: blob:"
    )
    title = "Multi-head attention: " + ", ".join(dict.fromkeys(s.label for s in sets))
    template = (ASSETS / "page.html").read_text()
    parts = {
        "policy": policy,
        "title": html.escape(title),
        "style": style,
        "answer": "\n".join(map(_answer_html, sets)),
        "data": _json([_set(s) for s in sets]),
        "library": library,
        "scripts": own,
    }
    pieces = PLACE.split(template)
    pieces[1::2] = [parts[name] for name in pieces[1::2]]
    return "".join(pieces)


def _hash(script):
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _json(value):
    """As text of a script element: no "<" can end it."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _answer_html(result_set):
    runs = len(result_set.files)
    label = html.escape(result_set.label) + (
        f", each row the median of {runs} files" if runs > 1 else ""
    )
    text = "".join(
        f"<p>{html.escape(sentence)}</p>"
        for answer in answers(result_set.rows, result_set.pairs)
        for sentence in answer.sentences
    )
    return f"<section class=answer><h2>{label}</h2>{text}</section>"


def _set(result_set):
    rows = result_set.rows
    paths = paths_of(rows)
    return {
        "label": result_set.label,
        "paths": paths,
        "baselines": baselines_of(paths),
        "baseline": baseline_of(paths),
        "padded": [path for path in paths if is_padded(path)],
        "count": len(rows),
        "strings": {name: _coded([_string(row, name) for row in rows]) for name in STRINGS},
        "numbers": {name: column for name in NUMBERS if (column := _column(rows, name))},
        "runs": result_set.runs,
        "pairs": [dataclasses.asdict(pair) for pair in result_set.pairs],
        "files": [_file(file) for file in result_set.files],
    }


def _string(row, name):
    if name in ("path", "dtype", "mode", "status", "reason", "config"):
        return getattr(row, name)
    return row.strings.get(name, "")


def _coded(values):
    """Each value once, and its place in the list for every row."""
    places = {}
    codes = [places.setdefault(value, len(places)) for value in values]
    return {"values": list(places), "codes": codes}


def _column(rows, name):
    values = [_short(row.get(name)) for row in rows]
    return values if any(value is not None for value in values) else None


def _short(value):
    """Six digits: more than any of them holds, and half the bytes."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() else short


def _file(file):
    context = {key: _words(value) for key, value in file.context.items()}
    return {
        "name": file.name,
        "machine": machine(file.context),
        "rows": len(file.rows),
        "foreign": file.foreign,
        "context": context,
    }


def _words(value):
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)
