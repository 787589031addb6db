"""The report page: what two runs say, in one file that can be sent to a colleague."""
