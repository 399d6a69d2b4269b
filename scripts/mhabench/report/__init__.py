"""A page, and figures for papers, from results files."""
