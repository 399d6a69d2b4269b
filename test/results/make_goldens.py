#!/usr/bin/env python3
"""Writes script_rows.golden, script_csv.golden and script_errors.golden beside this file.

Run by hand, with prettytable installed:

    python3 test/results/make_goldens.py

script_rows.golden lists measurements; the others hold what PyTorch's script saves for them: a
PrettyTable's CSV of figures with three digits, and json.dumps of a counting dictionary.
"""

import json
from collections import defaultdict
from pathlib import Path

from prettytable import PrettyTable

COLUMNS = [
    "dtype",
    "batch_size",
    "sequence_length",
    "n_heads",
    "embed_dim",
    "time_native_mha_slow(\u00b5s)",
    "time_native_mha_fast (\u00b5s)",
    "speedup flash_mha v native_mha",
    "padding",
]

TORCH_NAMES = {
    "fp32": "torch.float32",
    "fp16": "torch.float16",
    "bf16": "torch.bfloat16",
}

# dtype, batch, seq_len, heads, embed_dim, beta, slow us, fast us, padding, do the paths agree.
ROWS = [
    ("fp16", 16, 64, 8, 512, "0.05", 71.25, 68.5, 0.0, True),
    ("fp16", 16, 64, 8, 512, "0.25", 70.9, 61.3, 0.0625, False),  # a tie, to even: 0.062
    ("fp16", 16, 64, 8, 512, "0.45", 70.0, 210.0, 0.1875, False),  # a tie, to even: 0.188
    ("fp16", 16, 64, 16, 512, "0.05", 80.0625, 40.1875, 0.31640625, True),
    ("fp16", 16, 64, 16, 1024, "0.05", 2.0005, 1.0015, 0.5, False),
    ("fp16", 32, 128, 8, 512, "0.85", 1.0005, 0.9995, 0.9990234375, True),
    ("fp16", 256, 512, 16, 1024, "3.05", 1234567.8915, 98765.4325, 0.7421875, False),
    ("fp16", 256, 512, 16, 1024, "2.85", 0.0004, 1e9, 0.99999, True),
    ("fp32", 16, 64, 8, 512, "0.05", 1 / 3, 2 / 3, 1 / 3, False),
    ("bf16", 7, 30, 3, 96, "0.37", 100.0, 1e-4, 2 / 3, True),
]


def row_lines():
    yield "# Written by make_goldens.py: dtype batch seq_len heads embed_dim beta slow fast padding agrees"
    for *axes, slow, fast, padding, agrees in ROWS:
        figures = [float(figure).hex() for figure in (slow, fast, padding)]
        yield " ".join([*map(str, axes), *figures, "yes" if agrees else "no"])


def script_csv():
    table = PrettyTable()
    table.field_names = COLUMNS
    for dtype, batch, seq_len, heads, embed_dim, _, slow, fast, padding, _ in ROWS:
        figures = [f"{figure:.3f}" for figure in (slow, fast, slow / fast, padding)]
        table.add_row([TORCH_NAMES[dtype], batch, seq_len, heads, embed_dim, *figures])
    return table.get_csv_string()


def script_errors():
    errors = defaultdict(int)
    for _, batch, seq_len, heads, embed_dim, _, _, _, _, agrees in ROWS:
        if not agrees:
            errors[f"batch:{batch}_seq_len:{seq_len}_n_heads:{heads}_embed_dim:{embed_dim}"] += 1
    return json.dumps(errors)


def main():
    here = Path(__file__).parent
    texts = {
        "rows": "".join(line + "\n" for line in row_lines()),
        "csv": script_csv(),
        "errors": script_errors(),
    }
    for name, text in texts.items():
        with open(here / f"script_{name}.golden", "w", encoding="utf-8", newline="") as file:
            file.write(text)


if __name__ == "__main__":
    main()
