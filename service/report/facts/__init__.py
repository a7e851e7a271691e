"""What a study has to say, as values."""
