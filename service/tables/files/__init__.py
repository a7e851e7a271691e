"""From a file of any format to cells, strictly in shape and without a guess at what they mean."""
