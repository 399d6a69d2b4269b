"""The last lines of scripts/test: why tests were skipped, and how many passed, failed, were skipped.

  count_tests.py FILE STATUS     CTest's JUnit file, and CTest's exit status

Exit status: 0; 1 if a test failed; 3 if none ran; 5 if CTest failed on its own.
"""

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter

WORDS = ("passed", "failed", "skipped")


def outcome_of(case):
    if case.get("status") == "run":
        return "passed"
    # A test whose program is missing is "skipped", too, and has failed.
    skipped = case.find("skipped")
    by_itself = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if by_itself or case.get("status") == "disabled" else "failed"


def outcomes_of(case):
    """How many tests it is of each outcome: pytest, which runs a file of them, counts for itself."""
    outcome = outcome_of(case)
    counted = re.search(r"^\d+ (?:passed|failed|skipped).* in [\d.]+s", text_of(case), re.M)
    if counted is None:
        return Counter([outcome])
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped)", counted[0])}
    return Counter(counts) | Counter(["failed"] if outcome == "failed" else [])


def reasons_of(case):
    """The line after GoogleTest's "Skipped", those that pytest gives, else the last line."""
    of_pytest = re.findall(r"^SKIPPED \[(\d+)\] \S+ (.+)$", text_of(case), re.M)
    if of_pytest:
        return sum((Counter({reason: int(count)}) for count, reason in of_pytest), Counter())
    if outcome_of(case) != "skipped":
        return Counter()
    found = re.search(r": Skipped\n(.+)", text_of(case))
    lines = [line for line in text_of(case).splitlines() if line.strip()] or ["no reason given"]
    return Counter([found[1] if found else lines[-1].removeprefix("skipped: ")])


def text_of(case):
    return case.findtext("system-out") or ""


def main(file, status):
    try:
        cases = list(ET.parse(file).getroot())
    except (OSError, ET.ParseError):
        return 5
    if not cases:
        return 3 if status else 0
    for reason, count in sum(map(reasons_of, cases), Counter()).most_common():
        print(f"skipped {count}: {reason}")
    counts = sum(map(outcomes_of, cases), Counter())
    print("Tests: " + ", ".join(f"{counts[word]} {word}" for word in WORDS))
    if counts["failed"]:
        return 1
    return 5 if status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
