"""The network, its training, and the pool that runs trainings. Knows NumPy and, in one file, Ray."""
