"""The last lines of scripts/test: why tests were skipped, and how many passed, failed, were skipped.

  count_tests.py FILE STATUS     CTest's JUnit file, and CTest's exit status

Exit status: 0; 1 if a test failed; 3 if none ran; 5 if CTest failed on its own.
"""

import collections
import re
import sys
import xml.etree.ElementTree as ET


def status_of(case):
    if case.get("status") == "run":
        return "passed"
    # A test whose program is missing is "skipped", too, and has failed.
    skipped = case.find("skipped")
    by_itself = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if by_itself or case.get("status") == "disabled" else "failed"


def outcomes_of(case):
    """One for each test in the case: a GoogleTest suite holds several, others are one."""
    text = case.findtext("system-out") or ""
    words = {"      OK": "passed", " FAILED ": "failed", " SKIPPED": "skipped"}
    found = re.findall(r"^\[ (      OK| FAILED | SKIPPED) \] .* \(\d+ ms\)$", text, re.M)
    outcomes = [words[word] for word in found]
    status = status_of(case)
    # A suite that died on its way did not print its last test.
    if status == "failed" and "failed" not in outcomes:
        outcomes.append(status)
    return outcomes or [status]


def reasons_of(case):
    """Of GoogleTest's output the lines behind "Skipped", of unittest's what it quotes, else the last."""
    text = case.findtext("system-out") or ""
    found = re.findall(r": Skipped\n(.+)|skipped ['\"](.+)['\"]$", text, re.M)
    if found or status_of(case) != "skipped":
        return [ours or theirs for ours, theirs in found]
    lines = [line for line in text.splitlines() if line.strip()] or ["no reason given"]
    return [lines[-1].removeprefix("skipped: ")]


def main(file, status):
    try:
        cases = list(ET.parse(file).getroot())
    except (OSError, ET.ParseError):
        return 5
    outcomes = [outcome for case in cases for outcome in outcomes_of(case)]
    if not cases:
        return 3 if status else 0
    reasons = collections.Counter(reason for case in cases for reason in reasons_of(case))
    for reason, count in reasons.most_common():
        print(f"skipped {count}: {reason}")
    words = (f"{outcomes.count(word)} {word}" for word in ("passed", "failed", "skipped"))
    print("Tests: " + ", ".join(words))
    if "failed" in outcomes:
        return 1
    return 5 if status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
