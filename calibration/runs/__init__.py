"""Run folders: what was answered, kept part by part."""
