"""Building blocks of the page: sections, tables, figures, browsers and files."""
