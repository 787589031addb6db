"""The sections of the page, each laid out from computed results."""
