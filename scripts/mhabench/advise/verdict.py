"""The path to take for a set of batches on one clock, and how sure that is."""

import dataclasses
import math

from mhabench.results.rows import is_padded

# In standard errors of the logarithm of the ratio.
SURE, LIKELY = 2.0, 1.0


@dataclasses.dataclass
class Verdict:
    clock: str
    totals: dict  # {path: us for all batches}
    best: str
    runner_up: str | None
    errors: dict  # {other path: relative error of its ratio to the best}

    def best_padded(self):
        """The padded path of the least total, in a list; empty if none was measured."""
        padded = [path for path in self.totals if is_padded(path)]
        return sorted(padded, key=self.totals.get)[:1]

    def saving(self, other):
        """The share of the other path's time that the best saves."""
        return 1 - self.totals[self.best] / self.totals[other]

    def sureness(self, other):
        lead = math.log(self.totals[other] / self.totals[self.best])
        error = self.errors[other]
        if lead >= SURE * error:
            return "sure"
        return "likely" if lead >= LIKELY * error else "undecided"


def verdict(clock, totals, error_of):
    """`error_of(best, other)`: the standard error of the logarithm of their ratio."""
    ranked = sorted(totals, key=totals.get)
    best = ranked[0]
    errors = {other: error_of(best, other) for other in ranked[1:]}
    return Verdict(clock, totals, best, ranked[1] if len(ranked) > 1 else None, errors)
