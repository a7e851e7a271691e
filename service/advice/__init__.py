"""What the study says to do next: its diagnosis, its rounds, the checks of a network."""
