"""The recipe's steps, a file for each trouble."""
