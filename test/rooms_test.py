"""Fails on an include between rooms that the table in docs/rooms.md does not allow.

rooms_test.py ROOT
"""

import pathlib
import re
import sys

GROUPS = {"lib": lambda room: not room.startswith("bench"), "bench": lambda room: room.startswith("bench")}


def read_table(page):
    """What each room may include, by room, from the page's table."""
    lines = re.findall(r"^\| `([^`]+)` \|[^|]*\|([^|]*)\|$", page.read_text(), re.M)
    rooms = [room for room, _ in lines]
    table = {}
    for room, words in lines:
        named = words.replace("`", "").split()
        allowed = {room, "base"}.union(name for name in named if name not in GROUPS)
        for group in set(named) & set(GROUPS):
            allowed.update(filter(GROUPS[group], rooms))
        table[room] = allowed
    return table


def room_of(path):
    """mhabench/<room>/x.h and bench/<room>/x.h lie in a room, bench/main.cpp in bench itself."""
    parts = path.split("/")
    if parts[0] == "mhabench":
        return parts[1]
    return "/".join(parts[:-1]) if parts[0] == "bench" else None


def find_faults(root, table):
    faults = []
    sources = [file for top in ("lib", "bench") for file in sorted((root / top).glob("**/*.*"))]
    for file in sources:
        if file.suffix not in (".h", ".cpp"):
            continue
        here = room_of(file.relative_to(root).as_posix().removeprefix("lib/"))
        if here not in table:
            faults.append(f"{file.relative_to(root)}: lies in no room of docs/rooms.md")
            continue
        for included in re.findall(r'^#include "([^"]+)"', file.read_text(), re.M):
            there = room_of(included)
            if there not in table[here]:
                faults.append(f"{file.relative_to(root)}: '{here}' may not include {included}")
    return faults


def main(root):
    table = read_table(root / "docs/rooms.md")
    if not table:
        print("docs/rooms.md has no table of rooms")
        return 1
    faults = find_faults(root, table)
    print("\n".join(faults) or f"{len(table)} rooms, no include that the table does not allow")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
