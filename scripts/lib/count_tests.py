"""The last lines of scripts/test: why tests were skipped, and how many passed, failed, were skipped.

  count_tests.py FILE STATUS     CTest's JUnit file, and CTest's exit status

Exit status: 0; 1 if a test failed; 3 if none ran; 5 if CTest failed on its own.
"""

import collections
import re
import sys
import xml.etree.ElementTree as ET


def outcome_of(case):
    if case.get("status") == "run":
        return "passed"
    # A test whose program is missing is "skipped", too, and has failed.
    skipped = case.find("skipped")
    by_itself = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if by_itself or case.get("status") == "disabled" else "failed"


def reason_of(case):
    """The line after GoogleTest's "Skipped", pytest's reason, else the last line."""
    text = case.findtext("system-out") or ""
    found = re.search(r": Skipped\n(.+)|^SKIPPED \[\d+\] \S+ (.+)$", text, re.M)
    lines = [line for line in text.splitlines() if line.strip()] or ["no reason given"]
    return next(filter(None, found.groups())) if found else lines[-1].removeprefix("skipped: ")


def main(file, status):
    try:
        cases = list(ET.parse(file).getroot())
    except (OSError, ET.ParseError):
        return 5
    outcomes = [outcome_of(case) for case in cases]
    if not cases:
        return 3 if status else 0
    pairs = zip(cases, outcomes, strict=True)
    reasons = collections.Counter(reason_of(case) for case, it in pairs if it == "skipped")
    for reason, count in reasons.most_common():
        print(f"skipped {count}: {reason}")
    words = (f"{outcomes.count(word)} {word}" for word in ("passed", "failed", "skipped"))
    print("Tests: " + ", ".join(words))
    if "failed" in outcomes:
        return 1
    return 5 if status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
