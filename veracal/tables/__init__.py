"""Tables of results on stdout, a printer a result."""
