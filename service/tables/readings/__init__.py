"""How text becomes numbers and dates: the spellings that people use, a column at a time."""
