"""Kinds of model, their training, and the pools that run trainings. Knows NumPy and, in one file, Ray."""
