"""scripts/report OUT.json [MORE.json...] -o report.html [--figures DIR]"""

import argparse
import os
import pathlib

from mhabench.output import check_output, make_folder, write_file
from mhabench.program import tell
from mhabench.report.page import page
from mhabench.results.load import read_files
from mhabench.results.sets import sets_of

# As scripts/lib/common.sh knows it: the arguments are good, and set-up is next.
SET_UP = 64


def main(arguments):
    options = _options(arguments)
    check_output(options.output, options.results)
    if options.figures:
        make_folder(options.figures)
    if os.environ.get("MHABENCH_BEFORE_SET_UP"):
        return SET_UP
    sets = sets_of(read_files(options.results))
    write_file(options.output, page(sets, _plotly_js()))
    tell(f"wrote {options.output}")
    if options.figures:
        _figures(sets, options)
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


def _figures(sets, options):
    from mhabench.report.figures import write_figures

    folder = pathlib.Path(options.figures)
    for name in write_figures(sets, folder, options.format, options.results):
        tell(f"wrote {name}")
