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


def counts_in(text):
    """What the programs that run many tests say of each: GoogleTest by a line, pytest by a sum."""
    told = {"      OK": "passed", " FAILED ": "failed", " SKIPPED": "skipped"}
    lines = re.findall(r"^\[ (      OK| FAILED | SKIPPED) \] .* \(\d+ ms\)$", text, re.M)
    total = re.search(r"^\d+ (?:passed|failed|skipped).* in [\d.]+s", text, re.M)
    sums = re.findall(r"(\d+) (passed|failed|skipped)", total[0]) if total else []
    return Counter(told[line] for line in lines) + Counter({word: int(n) for n, word in sums})


def outcomes_of(case):
    """How many tests it is of each outcome. One that died on its way did not tell its last test."""
    outcome = outcome_of(case)
    counts = counts_in(text_of(case)) or Counter([outcome])
    return counts | Counter(["failed"] if outcome == "failed" else [])


def reasons_of(case):
    """The lines after GoogleTest's "Skipped", those that pytest gives, else the last line."""
    text = text_of(case)
    of_pytest = re.findall(r"^SKIPPED \[(\d+)\] \S+ (.+)$", text, re.M)
    reasons = Counter(re.findall(r": Skipped\n(.+)", text))
    reasons += sum((Counter({reason: int(count)}) for count, reason in of_pytest), Counter())
    if reasons or outcome_of(case) != "skipped":
        return reasons
    lines = [line for line in text.splitlines() if line.strip()] or ["no reason given"]
    return Counter([lines[-1].removeprefix("skipped: ")])


def text_of(case):
    return case.findtext("system-out") or ""


def main(file, status):
    try:
        cases = list(ET.parse(file).getroot())
    except FileNotFoundError:
        return 5 if status else 0  # asked for a list, CTest writes none
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
