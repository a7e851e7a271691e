"""Where a byte stands in data, a bit a byte: sixty-four of them are looked at in one operation.

A mask is an array of words: bit `i % 64`, counted from the least, of word `i // 64` is that of byte `i`. Bits
after the data's end are 0.
"""

import numpy as np
from numpy.typing import NDArray

WORD_BITS = 64

Mask = NDArray[np.uint64]


def mask_of(data: bytes, byte: int) -> Mask:
    """Mark every place where this byte stands."""
    bits = np.packbits(np.frombuffer(data, np.uint8) == byte, bitorder="little")
    words = np.zeros(-(-len(data) // WORD_BITS), "<u8")
    words.view(np.uint8)[: bits.size] = bits
    return words.astype(np.uint64, copy=False)


def after(mask: Mask, *, first: bool) -> Mask:
    """Mark every byte whose predecessor is marked.

    Parameters
    ----------
    mask
        Of any data; the bit that leaves it at the end is lost.
    first
        Whether the first byte is marked.
    """
    moved = mask << np.uint64(1)
    moved[1:] |= mask[:-1] >> np.uint64(WORD_BITS - 1)
    if first and moved.size:
        moved[0] |= np.uint64(1)
    return moved


def odd(mask: Mask) -> Mask:
    """Mark every byte up to which, itself included, an odd number of bytes are marked.

    References
    ----------
    Langdale and Lemire 2019, Parsing gigabytes of JSON per second, section 3.1.1: a prefix sum without
    carries. They have an instruction for it; here it is six shifts within words, then one sum over the words.
    """
    parity = mask.copy()
    for step in (1, 2, 4, 8, 16, 32):
        parity ^= parity << np.uint64(step)
    last_bits = parity >> np.uint64(WORD_BITS - 1)
    carried = np.zeros_like(last_bits)
    np.bitwise_xor.accumulate(last_bits[:-1], out=carried[1:])
    parity ^= np.uint64(0) - carried  # all ones where the words before have an odd number
    return parity


def count(mask: Mask) -> int:
    """Count the marked bytes."""
    return int(np.bitwise_count(mask).sum(dtype=np.int64))


def positions(mask: Mask) -> NDArray[np.intp]:
    """Return where the marked bytes are, ascending."""
    return np.flatnonzero(np.unpackbits(mask.astype("<u8", copy=False).view(np.uint8), bitorder="little"))


def first_position(mask: Mask) -> int | None:
    """Return where the first marked byte is."""
    words = np.flatnonzero(mask)
    if not words.size:
        return None
    word = int(mask[words[0]])
    return int(words[0]) * WORD_BITS + (word & -word).bit_length() - 1
