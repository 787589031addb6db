"""Open questions with references: files, TruthfulQA and the project's adversarial set."""
