#!/usr/bin/env python3
"""Writes numpy_lengths.golden and numpy_streams.golden beside this file.

Run by hand, with numpy and scipy installed:

    python3 test/config/make_goldens.py

NumPy's legacy stream and Python's random are frozen, so every version writes the same bytes.
"""

import random
from decimal import Decimal
from pathlib import Path

import numpy as np
from scipy.stats import beta as beta_distribution

SCRIPT_SEED = 26214
BLOCK_SIZE = 2

BATCH_SIZES = [16, 32, 64, 128, 256]
SEQUENCE_LENGTHS = [64, 128, 256, 512]
BETA_STEPS = list(range(1, 64, 4))

# batch, seq_len, beta: the edges, and betas that are no multiple of 0.05.
BEYOND_THE_SCRIPT = [
    (1, 64, "0.85"),
    (2, 2, "0.05"),
    (7, 4, "0.15"),
    (300, 4096, "3.05"),
    (33, 30, "1"),
    (40, 1000, "0.37"),
    (40, 1000, "0.333333333"),
    (40, 1000, "1.000000001"),
    (40, 1000, "12.5"),
    (40, 4096, "640.1"),
    (16, 64, "0.000001"),
    (16, 64, "1000000"),
]


def script_beta(text):
    """The double that the script's range gives: a multiple of 0.05 is k * 0.05."""
    steps = Decimal(text) / Decimal("0.05")
    return int(steps) * 0.05 if steps == int(steps) else float(text)


def script_lengths(batch, seq_len, beta):
    """The lengths as better_transformer_vs_mha_functional.py draws them."""
    random.seed(SCRIPT_SEED)
    np.random.seed(SCRIPT_SEED)
    blocks = (
        beta_distribution.rvs(1, beta, size=batch)
        * (seq_len + BLOCK_SIZE - 1)
        // BLOCK_SIZE
    )
    lengths = [max(int(n) * BLOCK_SIZE, BLOCK_SIZE) for n in blocks]
    lengths[random.randint(0, batch - 1)] = seq_len
    return lengths


def script_configurations():
    """Every batch with every seq_len at four betas, so that each seq_len meets all sixteen."""
    for i, batch in enumerate(BATCH_SIZES):
        for j, seq_len in enumerate(SEQUENCE_LENGTHS):
            for steps in BETA_STEPS[(i + j) % 4 :: 4]:
                yield batch, seq_len, str(Decimal(steps) * Decimal("0.05"))


def lengths_lines():
    yield "# Written by make_goldens.py: batch seq_len embed_dim heads beta : lengths..."
    for batch, seq_len, beta in [*script_configurations(), *BEYOND_THE_SCRIPT]:
        lengths = script_lengths(batch, seq_len, script_beta(beta))
        yield f"{batch} {seq_len} 512 8 {beta} : " + " ".join(map(str, lengths))


def numpy_draws(seed):
    """The calls of one RandomState, with how often each is made."""
    yield "uniform", [], lambda r: r.random_sample(8)
    yield "exponential", [], lambda r: r.standard_exponential(8)
    yield "gauss", [], lambda r: r.standard_normal(9)
    for shape in (0.05, 0.5, 0.999, 1.0, 1.001, 3.05, 1e6):
        yield "gamma", [shape], lambda r, s=shape: r.standard_gamma(s, 12)
    for a, b in (
        (1.0, 17 * 0.05),
        (1.0, 1.0),
        (1.0, 61 * 0.05),
        (0.3, 0.7),
        (1e-4, 1e-4),  # both powers of Johnk's method vanish
        (0.5, 2.5),
        (2.5, 0.5),
        (2.5, 3.5),
        (1e6, 1e6),
    ):
        yield "beta", [a, b], lambda r, a=a, b=b: r.beta(a, b, 12)


def numpy_lines():
    for seed in (SCRIPT_SEED, 0, 2**32 - 1):
        for name, arguments, draw in numpy_draws(seed):
            head = " ".join([name, str(seed), *map(repr, arguments)])
            values = draw(np.random.RandomState(seed))
            yield f"{head} : " + " ".join(float(v).hex() for v in values)


def python_lines():
    for seed in (SCRIPT_SEED, 0, 2**32 - 1, 2**32, 2**64 - 1):
        for bits in (1, 5, 31, 32):
            rng = random.Random(seed)
            values = [rng.getrandbits(bits) for _ in range(12)]
            yield f"getrandbits {seed} {bits} : " + " ".join(map(str, values))
        for lo, hi in ((0, 0), (0, 15), (0, 16), (-5, 5), (0, 2**32 - 2)):
            rng = random.Random(seed)
            values = [rng.randint(lo, hi) for _ in range(12)]
            yield f"randint {seed} {lo} {hi} : " + " ".join(map(str, values))
    rng = random.Random(SCRIPT_SEED)
    values = [rng.getrandbits(32) for _ in range(2000)]  # across three blocks of the engine's state
    yield f"getrandbits_xor {SCRIPT_SEED} 32 2000 : {np.bitwise_xor.reduce(values)}"


def streams_lines():
    yield "# Written by make_goldens.py: function seed arguments... : values..."
    yield from numpy_lines()
    yield from python_lines()


def main():
    here = Path(__file__).parent
    for name, lines in (("lengths", lengths_lines()), ("streams", streams_lines())):
        with open(here / f"numpy_{name}.golden", "w", encoding="ascii", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)


if __name__ == "__main__":
    main()
