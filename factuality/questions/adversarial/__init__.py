"""The project's own adversarial questions: nine categories, each question with a falsehood that suggests itself.

`questions.jsonl` holds them and `CARD.md` says how they were made; ``python -m
factuality.questions.adversarial.checks`` checks the file.
"""
