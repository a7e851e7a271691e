"""A command as a whole: here the parts are chosen and put together."""
