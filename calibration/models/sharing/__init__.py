"""Shared beginnings of prompts, computed once."""
