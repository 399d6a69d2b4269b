#!/usr/bin/env bash
# Runs pytest on the interpreter that scripts/test installed it for: pytest.sh <pytest's argument...>.
# Exit status 77 if there is none.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/common.sh"

find_tools "$test_needs" || {
  echo "skipped: no Python 3.11 with pytest, which scripts/test fetches"
  exit 77
}
# Runs side by side must not clear each other's folders.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$tools_python" -B -P -m pytest -c "$tools_project" --rootdir "$root" --basetemp "$folder/pytest" "$@"
