"""scripts/report OUT.json [MORE.json...] -o report.html [--figures DIR]"""

import argparse
import os
import pathlib
import sys
import tempfile

from report.page import page
from results.load import InputError, read_files
from results.sets import sets_of

# As scripts/lib/common.sh knows it: the arguments are good, and set-up is next.
SET_UP = 64


def main(arguments=None):
    options = _options(arguments)
    if os.environ.get("MHABENCH_BEFORE_SET_UP"):
        return SET_UP
    try:
        sets = sets_of(read_files(options.results))
        _write(options.output, page(sets, _plotly_js()))
        print(f"mhabench: wrote {options.output}", file=sys.stderr)
        if options.figures:
            _figures(sets, options)
    except InputError as error:
        print(f"mhabench: {error}", file=sys.stderr)
        return 2
    return 0


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/report",
        description="One page, which opens offline, from results files of mha_bench. Files of one "
        "machine are taken as runs of the same: each row is the median of them.",
    )
    parser.add_argument("results", nargs="+", metavar="OUT.json", help="plain or gzipped")
    parser.add_argument("-o", "--output", required=True, metavar="report.html", help="the page")
    parser.add_argument("--figures", metavar="DIR", help="each figure as a file in DIR, too")
    parser.add_argument("--format", choices=("svg", "png"), default="svg", help="of the figures")
    return parser.parse_args(arguments)


def _plotly_js():
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _write(path, text):
    """Whole or not at all."""
    path = pathlib.Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with open(handle, "w", encoding="utf-8") as out:
            out.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except OSError as error:
        pathlib.Path(name).unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def _figures(sets, options):
    from report.figures import write_figures

    for name in write_figures(sets, pathlib.Path(options.figures), options.format):
        print(f"mhabench: wrote {name}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
