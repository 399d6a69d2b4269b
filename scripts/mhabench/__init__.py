"""The tools around mha_bench: reports, advice, regressions, collections of results."""
