"""How often a language model states falsehoods: questions, responses, graders, judgments and rates."""
