"""Logs of lm-evaluation-harness: samples of all its versions, with results beside them or not."""
