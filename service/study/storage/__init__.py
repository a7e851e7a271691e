"""Studies in a database, as plain Optuna studies."""
