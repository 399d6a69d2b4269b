"""The tests, and the programs that they start, find the package and test/scripts/support."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = str(HERE.parents[1] / "scripts")
sys.path[:0] = [str(HERE), PACKAGE]
os.environ["PYTHONPATH"] = PACKAGE
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
