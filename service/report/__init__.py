"""What a study has to say: as values, in words, on a page and on the screen."""
