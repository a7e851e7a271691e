"""Masks of bits say what a walk over the bytes says."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from service.tables.files.csv_structure import after, count, first_position, mask_of, odd, positions

DATA = st.integers(0, 300).flatmap(lambda n: st.binary(min_size=n, max_size=n)) | st.text("ab").map(
    str.encode
)


@given(data=DATA, byte=st.sampled_from(b"ab\0"))
def test_marks_are_counted_and_found(data: bytes, byte: int) -> None:
    mask = mask_of(data, byte)
    places = [place for place, other in enumerate(data) if other == byte]
    assert positions(mask).tolist() == places
    assert count(mask) == len(places)
    assert first_position(mask) == next(iter(places), None)


@given(data=DATA.filter(len), first=st.booleans())
def test_marks_move_to_the_next_byte(data: bytes, *, first: bool) -> None:
    marked = [first, *(byte == ord("a") for byte in data[:-1])]
    moved = positions(after(mask_of(data, ord("a")), first=first))
    assert [place for place in moved.tolist() if place < len(data)] == [
        n for n, bit in enumerate(marked) if bit
    ]


@given(data=DATA)
def test_parity_is_that_of_the_marks_so_far(data: bytes) -> None:
    sums = accumulate(byte == ord("a") for byte in data)
    places = [place for place, total in enumerate(sums) if total % 2]
    found = positions(odd(mask_of(data, ord("a")))).tolist()
    assert [place for place in found if place < len(data)] == places
