"""One coordinator a study: who holds it, how it is kept, and how it is taken from the dead."""
