"""How often pages of the report hold a sentence that is false of the population."""
