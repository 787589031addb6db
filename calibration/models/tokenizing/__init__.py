"""Between text and tokens: chat templates, tokenizers, thoughts."""
