"""`judge serve`: a student behind HTTP."""
