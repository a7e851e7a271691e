"""What a study says: gaps, findings of the search, the steps that follow from them, and the next study."""
