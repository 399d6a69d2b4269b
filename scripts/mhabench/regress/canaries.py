"""What the canaries between a run's rows say of them, and rows put in the place of others.

A canary is one matrix product of a fixed size that mha_bench --canary times between rows. Where it
takes longer or shorter than it usually does, the machine's clock has moved, and the rows on both
sides of it are not to be trusted.
"""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Canary:
    """Stands before the row of that name; where that is empty, behind the last of its device."""

    before_row: str
    device: str
    us: float
    sm_mhz: float | None
    seconds: float | None


def name_of(entry):
    """What the repetitions and the aggregates of a row have in common."""
    return entry.get("run_name", entry["name"])


def rows_by_device(document):
    """The names of a results file's rows, each once, in their order: a device ran its own in it."""
    rows = {}
    for entry in document["benchmarks"]:
        rows.setdefault(entry.get("device", ""), {})[name_of(entry)] = None
    return {device: list(names) for device, names in rows.items()}


def canaries_of(document):
    return [
        Canary(
            entry.get("before_row", ""),
            entry.get("device", ""),
            entry["us"],
            entry.get("sm_mhz"),
            entry.get("seconds"),
        )
        for entry in document["context"].get("canaries", [])
        if "us" in entry
    ]


def problem_of(document):
    """Why a run has no canaries where they were asked for, or none from some row on."""
    entries = document["context"].get("canaries", [])
    return next((entry["problem"] for entry in entries if "problem" in entry), None)


def usual_times(documents):
    """By device, the median over all canaries of some runs: two devices of a kind differ too."""
    times = {}
    for document in documents:
        for canary in canaries_of(document):
            times.setdefault(canary.device, []).append(canary.us)
    return {device: statistics.median(us) for device, us in times.items()}


def rows_beside_moved(document, usual, limit):
    """The rows between two canaries of their device of which one is off by more than the limit."""
    suspects = []
    for device, rows in rows_by_device(document).items():
        places = {name: i for i, name in enumerate(rows)}
        marks = [
            (places.get(canary.before_row, len(rows)), abs(canary.us / usual[device] - 1) > limit)
            for canary in canaries_of(document)
            if canary.device == device
        ]
        marks = [(0, False), *sorted(marks), (len(rows), False)]
        for (start, is_off), (end, is_off_too) in zip(marks, marks[1:]):
            if is_off or is_off_too:
                suspects += rows[start:end]
    return suspects


def replace_rows(document, names, again, source):
    """Puts the rows of these names that a second run has in the place of the first's, and notes in
    the context where they come from. Returns the names that were replaced."""
    found = {}
    for entry in again["benchmarks"]:
        found.setdefault(name_of(entry), []).append(entry)
    names = [name for name in names if name in found]
    entries = []
    left = set(names)
    for entry in document["benchmarks"]:
        name = name_of(entry)
        if name in left:
            left.remove(name)
            entries += [{**other, **place_of(entry)} for other in found[name]]
        elif name not in names:
            entries.append(entry)
    document["benchmarks"] = entries
    if names:
        document["context"].setdefault("run_again", []).append({"file": source, "rows": names})
    return names


def place_of(entry):
    return {"family_index": entry["family_index"]} if "family_index" in entry else {}
