"""Which path to take for given lengths, by measuring or from a results file."""
