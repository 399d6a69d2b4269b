"""Lengths files, as mha_bench reads them (lib/mhabench/config/lengths_file.h)."""

import dataclasses
import pathlib
import re

from mhabench.program import InputError

LARGEST = 2**31 - 1


@dataclasses.dataclass
class Batch:
    """One line: the lengths of one batch, and the layer where the line tells it."""

    line: int
    lengths: list[int]
    seq_len: int
    embed_dim: int | None = None
    heads: int | None = None

    @property
    def batch(self):
        return len(self.lengths)

    @property
    def tokens(self):
        return sum(self.lengths)

    @property
    def size(self):
        """Positions of the padded batch."""
        return self.batch * self.seq_len

    @property
    def padding(self):
        return 1 - self.tokens / self.size


def check_regular(path):
    """Where several programs read it in turn: of a pipe the first leaves nothing to the next."""
    if pathlib.Path(path).exists() and not pathlib.Path(path).is_file():
        raise InputError(
            f"--lengths_file: '{path}' is no regular file, and is read by several programs here:"
            " write it to a file first"
        )


def read_lengths(path):
    """Throws InputError that names the line."""
    try:
        text = pathlib.Path(path).read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    batches = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r").split("#", 1)[0].strip(" \t")
        if line:
            batches.append(_batch(path, number, line))
    if not batches:
        raise InputError(f"{path}: holds no batch: put the lengths of one on a line")
    return batches


def _batch(path, number, line):
    head, colon, tail = line.partition(":")
    lengths = [_integer(path, number, word) for word in (tail if colon else line).split()]
    if not lengths:
        raise InputError(f"{path}: line {number}: no lengths")
    if not colon:
        return Batch(number, lengths, max(lengths))
    words = head.split()
    if len(words) != 5:
        raise InputError(
            f"{path}: line {number}: before ':' stand batch, seq_len, embed_dim, heads, beta"
        )
    batch, seq_len, embed_dim, heads = (_integer(path, number, word) for word in words[:4])
    if batch != len(lengths) or max(lengths) > seq_len:
        raise InputError(
            f"{path}: line {number}: batch {batch} and seq_len {seq_len} do not fit its lengths"
        )
    return Batch(number, lengths, seq_len, embed_dim, heads)


def _integer(path, number, word):
    if not re.fullmatch(r"[0-9]{1,10}", word) or not 1 <= int(word) <= LARGEST:
        shown = word if len(word) <= 20 else word[:20] + "..."
        raise InputError(
            f"{path}: line {number}: {shown!r} is no length (an integer from 1 to 2^31 - 1)"
        )
    return int(word)
