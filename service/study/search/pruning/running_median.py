"""The median of numbers that come one by one."""

from heapq import heappush, heappushpop


class RunningMedian:
    """Keeps the lower half and the upper half of what came, each as a heap: O(log n) a number."""

    def __init__(self) -> None:
        self._lower: list[float] = []  # negated: its top is the largest of the lower half
        self._upper: list[float] = []

    def __len__(self) -> int:
        return len(self._lower) + len(self._upper)

    def add(self, number: float) -> None:
        """Take in a number, which must not be NaN."""
        if len(self._lower) > len(self._upper):
            heappush(self._upper, -heappushpop(self._lower, -number))
        else:
            heappush(self._lower, -heappushpop(self._upper, number))

    @property
    def value(self) -> float:
        """The number in the middle, or the mean of both that are; there must be one."""
        if len(self._lower) > len(self._upper):
            return -self._lower[0]
        return (self._upper[0] - self._lower[0]) / 2
