"""Gradient-boosted trees: grown by scikit-learn, kept and evaluated as plain arrays."""
