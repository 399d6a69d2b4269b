"""scripts/advise --lengths_file FILE --embed_dim E --heads H [--dtype D] [--from OUT.json ...]"""

import argparse
import os

from mhabench.advise.lengths import check_regular, read_lengths
from mhabench.program import InputError, underscored

# As scripts/lib/common.sh knows them: the arguments are good, and set-up is next, of the tools alone or
# of the programs too.
SET_UP, SET_UP_AND_BUILD = 64, 65


def main(arguments):
    options = _options(arguments)
    if not options.results:
        check_regular(options.lengths_file)
    batches = read_lengths(options.lengths_file)
    embed_dim, heads = _layer(options, batches)
    if os.environ.get("MHABENCH_BEFORE_SET_UP"):
        return SET_UP if options.results else SET_UP_AND_BUILD
    if options.results:
        return _from_file(options, batches, embed_dim, heads)
    return _by_measuring(options, batches, embed_dim, heads)


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/advise",
        description="Which path to take for batches of your lengths: measured here or, with --from,"
        " interpolated from results files. Exit status: 0, 1 where a run failed or a row is wrong,"
        " 2 where the input is at fault, 3 where no batch lies near enough to a measured row, 5 where"
        " the build or a program failed.",
    )
    for name, settings in (
        ("lengths_file", {"required": True, "metavar": "FILE", "help": "one batch a line"}),
        ("embed_dim", {"type": int, "metavar": "E"}),
        ("heads", {"type": int, "metavar": "H"}),
        (
            "dtype",
            {"metavar": "D", "help": "fp32, fp16 or bf16; default: the program's, or the file's"},
        ),
    ):
        parser.add_argument(f"--{name}", **settings)
    parser.add_argument(
        "--from",
        nargs="+",
        dest="results",
        metavar="OUT.json",
        help="results files of one machine; nothing is run",
    )
    parser.add_argument("--device", help="where to measure, as mha_bench's --device")
    parser.add_argument(
        "--rounds",
        type=int,
        default=6,
        metavar="N",
        help="how often the paths take turns (default 6)",
    )
    parser.add_argument("--no_python", action="store_true", help="measure nothing in Python")
    options = parser.parse_args(underscored(arguments))
    if options.rounds < 2:
        parser.error("--rounds: at least 2, since one round says nothing of its error")
    return options


def _layer(options, batches):
    """From the flags, else from a dump's lines."""
    found = []
    for name in ("embed_dim", "heads"):
        told = {getattr(batch, name) for batch in batches}
        value = getattr(options, name)
        if value is None and (len(told) > 1 or None in told):
            raise InputError(f"--{name}: missing, and the lines of --lengths_file do not tell one")
        value = told.pop() if value is None else value
        if value < 1:
            raise InputError(f"--{name}: {value} is not positive")
        found.append(value)
    if found[0] % found[1]:
        raise InputError(f"--heads: {found[1]} does not divide embed_dim {found[0]}")
    return found


def _from_file(options, batches, embed_dim, heads):
    from mhabench.advise.from_file import estimate
    from mhabench.advise.words import estimate_text

    found = estimate(options.results, batches, embed_dim, heads, options.dtype)
    print("\n".join(estimate_text(found, batches, embed_dim, heads)))
    return 0 if found.verdicts else 3


def _by_measuring(options, batches, embed_dim, heads):
    from mhabench.advise.measure import measure
    from mhabench.advise.words import measured_text

    found = measure(options, batches, embed_dim, heads)
    print("\n".join(measured_text(found, batches, embed_dim, heads)))
    return found.status
