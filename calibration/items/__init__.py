"""Multiple-choice items: files, MMLU, answer keys, orders of options, annotations."""
