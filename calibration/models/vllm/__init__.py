"""Models in vLLM's engine."""
