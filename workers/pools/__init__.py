"""Where trials run: on Ray, or in this process."""
