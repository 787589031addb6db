"""Models behind servers of OpenAI's protocol."""
