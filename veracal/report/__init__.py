"""The report page of runs, in one file."""
