"""Search spaces, and their validated points. Imports only pydantic: no NumPy, no Ray, no Optuna."""
