"""The study that follows from a diagnosis: which step it takes, and what of the space that changes."""
