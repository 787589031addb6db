"""What was done with runs, as a paragraph on methods and its sources."""
