"""Studies and models in a line of Python, as scikit-learn's tools know estimators."""
