"""The error of a search space that contradicts itself, with the place where it does."""


class ContradictionError(ValueError):
    """A rule that a search space breaks.

    Attributes
    ----------
    rule
        The rule and the value that breaks it, in words.
    path
        Keys that lead to the value from where the error is raised, such as `("momentum", "when")`.
    """

    def __init__(self, rule: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(path)}: {rule}" if path else rule)
        self.rule = rule
        self.path = path
