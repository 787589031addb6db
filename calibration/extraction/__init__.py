"""Items to prompts to answer letters to predictions."""
