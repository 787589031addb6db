"""Adversarial questions in nine categories, each with a common misconception in it.

`questions.jsonl` holds them and `CARD.md` says how they were made; ``python -m
factuality.questions.adversarial.checks`` checks the file.
"""
