"""Results as tables: plain text, HTML, Markdown, LaTeX."""
