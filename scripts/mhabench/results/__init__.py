"""Results files of the suite: reading them, and the arithmetic that its readers share."""
