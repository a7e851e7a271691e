"""From a file or a built-in name to examples, strictly. Nothing is computed from them here."""
