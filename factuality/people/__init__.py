"""People's labels: validation of graders, and rates corrected by few labels."""
