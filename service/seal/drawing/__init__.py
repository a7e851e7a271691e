"""Which rows are in which set or fold: drawn by what they hold, a seed, groups and times."""
