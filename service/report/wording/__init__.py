"""What is said of a study in the same words on the screen and on the page."""
