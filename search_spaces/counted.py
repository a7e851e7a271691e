"""A number and the noun that it counts, as sentences have them."""


def counted(n: int, noun: str) -> str:
    """Return a number and what it counts, in the plural where it is not one."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
