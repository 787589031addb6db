"""JSON Schemas of what commands print with --json, in docs/schema/."""
