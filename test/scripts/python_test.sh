#!/usr/bin/env bash
# Runs one Python test program, on the interpreter that has the report's packages where there is one:
#
#   python_test.sh <repository> <program>
#
# Exit status 77 where all its tests were skipped, or no interpreter is new enough.
set -euo pipefail
repository=$1
program=$2
source "$repository/scripts/lib/common.sh"

report_python=
if ! find_report_python; then
  report_python=$(newer_python) || {
    echo "skipped: no Python 3.11 or newer"
    exit 77
  }
fi
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$(dirname "${BASH_SOURCE[0]}"):$repository/scripts/py exec "$report_python" -P "$program"
