"""What to try next: Optuna's samplers, each made to depend on nothing but view, seed and number."""
