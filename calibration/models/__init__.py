"""What answers: transformers, vLLM, servers, workers. The only room that loads torch and transformers."""
