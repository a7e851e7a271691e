"""Rounds: studies in a row, each searching where the diagnosis of an earlier one points."""
