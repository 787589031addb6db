"""Tables that callers give: frames of any library, dicts of arrays, files."""
