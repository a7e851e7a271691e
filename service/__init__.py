"""From a table to one honest figure: a command, or a line of Python, and the rooms behind them."""
