"""``python -m veracal``."""

from .cli import main

main()
