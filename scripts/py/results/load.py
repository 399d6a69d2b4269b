"""Reads results files: Google Benchmark's JSON with the suite's fields, plain or gzipped.

Whatever is wrong with a file is one InputError that names the file, the place and what was expected.
"""

import gzip
import json
import pathlib
import zlib

from results.rows import Row, row_of


class InputError(Exception):
    """One line: what is wrong, where, what is allowed."""


class ResultsFile:
    """One file: its context as it stands, its rows, and how many entries were not rows of ours."""

    def __init__(self, name, context, rows, foreign):
        self.name = name
        self.context = context
        self.rows = rows
        self.foreign = foreign


def read_files(paths):
    """The files in their order. Throws InputError."""
    return [read_file(path) for path in paths]


def read_file(path):
    name = pathlib.Path(path).name
    document = _parse(path, _text(path))
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        raise InputError(f'{path}: not a results file of Google Benchmark: it has no list "benchmarks"')
    context = document.get("context", {})
    if not isinstance(context, dict):
        raise InputError(f'{path}: "context" is not an object')
    rows, foreign = _rows(path, document["benchmarks"])
    if not rows:
        raise InputError(f"{path}: has no rows of this suite (their names begin with MHA/)")
    return ResultsFile(name, context, rows, foreign)


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
        return json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        truncated = error.pos >= len(text.rstrip())
        what = "ends too early (truncated?)" if truncated else error.msg
        raise InputError(f"{path}: not JSON: line {error.lineno}, column {error.colno}: {what}") from None
    except RecursionError:
        raise InputError(f"{path}: not a results file: nested too deeply") from None


def _rows(path, entries):
    rows: list[Row] = []
    foreign = 0
    for index, entry in enumerate(entries):
        try:
            row = row_of(entry)
        except ValueError as error:
            raise InputError(f"{path}: benchmarks[{index}]: {error}") from None
        if row is not None:
            rows.append(row)
        elif entry.get("run_type") != "aggregate":
            foreign += 1
    return rows, foreign

