"""The words for a study that the screen and the page share."""
