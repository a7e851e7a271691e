"""A study as users write it: validated, with errors that name the line."""
