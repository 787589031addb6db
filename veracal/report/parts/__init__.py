"""Building blocks of the page: a section, and the tables, figures, browsers and files in it."""
