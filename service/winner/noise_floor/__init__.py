"""The noise floor: how low an error the known examples could allow anyone, from below and from above."""
