"""Reads results files: Google Benchmark's JSON with the suite's fields, plain or gzipped.

Whatever is wrong with a file is one InputError that names the file, the place and what is allowed.
"""

import dataclasses
import gzip
import json
import pathlib
import re
import zlib

from mhabench.program import InputError
from mhabench.results.rows import Row, current_name, is_positive, missing_in, row_of

HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


@dataclasses.dataclass
class ResultsFile:
    name: str
    context: dict  # as it stands
    rows: list[Row]
    foreign: int  # entries that are no rows of ours
    pairs: list  # of PairRatio, if paths took turns


@dataclasses.dataclass
class PairRatio:
    """The time of a base over that of a path, from rounds in which both took turns."""

    base: str
    path: str
    configuration: str
    clock: str
    ratio: float
    low: float  # of the interval of 95 %
    high: float
    rounds: int
    verdict: str  # the faster path's name, or undecided


def read_files(paths):
    """The files in their order. Throws InputError."""
    return [read_file(path) for path in paths]


def read_file(path):
    name = pathlib.Path(path).name
    document = _parse(path, _text(path))
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        raise InputError(
            f'{path}: not a results file of Google Benchmark: it has no list "benchmarks"'
        )
    context = document.get("context", {})
    if not isinstance(context, dict):
        raise InputError(f'{path}: "context" is not an object')
    rows, foreign = _rows(path, document["benchmarks"], context)
    if not rows:
        raise InputError(f"{path}: has no rows of this suite: {_why_none(document['benchmarks'])}")
    pairs = _pairs(path, document.get("pairs", []), context.get("lengths"))
    return ResultsFile(name, context, rows, foreign, pairs)


def _text(path):
    try:
        data = pathlib.Path(path).read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error):
        raise InputError(f"{path}: the gzip file is truncated or damaged") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not JSON: byte {error.start} is not UTF-8") from None


def _parse(path, text):
    if not text.strip():
        raise InputError(f"{path}: empty")
    try:
        document = json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        truncated = error.pos >= len(text.rstrip())
        what = "ends too early (truncated?)" if truncated else error.msg
        raise InputError(
            f"{path}: not JSON: line {error.lineno}, column {error.colno}: {what}"
        ) from None
    except RecursionError:
        raise InputError(f"{path}: not a results file: nested too deeply") from None
    if HALF_A_PAIR.search(text):
        _check_text(path, document)
    return document


def _integer(text):
    """Exact as long as it is a seed."""
    return int(text) if len(text) <= 20 else float(text)


def _check_text(path, document):
    """What JSON may escape, no UTF-8 can hold."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise InputError(f"{path}: not text: a string holds {half}, half a surrogate pair") from None


def _why_none(entries):
    names = [entry["name"] for entry in entries if entry.get("run_type") != "aggregate"]
    if not names:
        return "it has aggregates alone" if entries else '"benchmarks" is empty'
    first = names[0] if len(names[0]) <= 100 else names[0][:100] + "..."
    missing = missing_in(first)
    return f"the first name, {first!r}, {missing}"


def _pairs(path, entries, lengths):
    """`lengths` are the file's, which names of older files leave unsaid."""
    if not isinstance(entries, list):
        raise InputError(f'{path}: "pairs" is not a list')
    return [_pair(path, index, entry, lengths) for index, entry in enumerate(entries)]


def _pair(path, index, entry, lengths):
    try:
        low, high = entry["interval"]
        words = [entry[key] for key in ("base", "path", "configuration", "clock")]
        numbers = [entry["ratio"], low, high, entry["rounds"]]
        verdict = entry["verdict"]
    except (TypeError, KeyError, ValueError):
        raise InputError(f"{path}: pairs[{index}]: a part is missing") from None
    if not all(isinstance(word, str) for word in [*words, verdict]) or not all(
        map(is_positive, numbers)
    ):
        raise InputError(f"{path}: pairs[{index}]: a part has the wrong type")
    base, other, configuration, clock = words
    return PairRatio(base, other, current_name(configuration, lengths), clock, *numbers, verdict)


def _rows(path, entries, context):
    rows: list[Row] = []
    foreign = 0
    for index, entry in enumerate(entries):
        try:
            row = row_of(entry, context)
        except ValueError as error:
            raise InputError(f"{path}: benchmarks[{index}]: {error}") from None
        if row is not None:
            rows.append(row)
        elif entry.get("run_type") != "aggregate":
            foreign += 1
    return rows, foreign
