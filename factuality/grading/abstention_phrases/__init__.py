"""Phrases with which answers abstain, and those that look like it."""
