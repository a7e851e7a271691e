"""The plots, a file each: what is drawn, and the words and numbers beside it."""
