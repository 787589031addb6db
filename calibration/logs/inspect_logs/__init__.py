"""Logs of Inspect, and of others that write its JSON."""
