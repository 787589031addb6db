"""Conclusions of the page: sentences made from its numbers."""
