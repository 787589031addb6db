"""Checkpoints of transformers: where they are, on which device, whole or refused."""
