"""Encoders of text: vectors of sentences, entailment of pairs."""
