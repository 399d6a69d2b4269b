"""Means of positive numbers."""

import statistics


def geomean(values):
    """The geometric mean; None of nothing."""
    values = list(values)
    return statistics.geometric_mean(values) if values else None
