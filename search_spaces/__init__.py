"""What may be searched, and one validated point of it. Knows pydantic alone: no NumPy, no Ray, no Optuna."""
