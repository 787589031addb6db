"""Phrases with which people and judges give verdicts."""
