"""The pictures: what is drawn, and the words and numbers beside it."""
