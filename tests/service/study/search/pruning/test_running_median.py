"""The running median is the median."""

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from service.study.search.pruning.pruners import RunningMedian


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_after_each_number_it_is_the_median_of_all_so_far(numbers: list[float]) -> None:
    running = RunningMedian()
    for n, number in enumerate(numbers, start=1):
        running.add(number)
        assert (len(running), running.value) == (n, median(numbers[:n]))
