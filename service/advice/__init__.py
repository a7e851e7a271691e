"""What to do next: a study's diagnosis, its rounds, the checks of a network."""
