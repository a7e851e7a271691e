"""Linear models: fitted by scikit-learn, kept and evaluated as plain arrays."""
