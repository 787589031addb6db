"""Arrays in, one number or curve out."""
