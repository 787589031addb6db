"""How often samples of as many items as `required_n` gives show the change."""
