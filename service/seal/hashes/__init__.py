"""A number for each row by its values, the same in any order and in any release; a name for a set of them."""
