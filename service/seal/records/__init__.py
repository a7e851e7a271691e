"""Which rows are one record: copies of each other, told from rows that agree by chance."""
