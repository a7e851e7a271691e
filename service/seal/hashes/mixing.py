"""Scrambling of 64-bit words, and the order of rows by it: hashes and keyed orders are made so.

It is written out in NumPy, and no library's own hash is used: hashes stand in databases, and have to come out
alike on every machine and in every version of every library.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def scramble(words: NDArray[np.uint64], scratch: NDArray[np.uint64]) -> None:
    """Replace each word by a scrambled one, in place; no two words become one.

    The finalizer of SplitMix64: z ← (z ⊕ z≫30)·a; z ← (z ⊕ z≫27)·b; z ← z ⊕ z≫31, modulo 2⁶⁴.

    Parameters
    ----------
    words
        Contiguous, shape (n,).
    scratch
        Room for as many words; its contents are lost.

    References
    ----------
    Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, section 5, and Stafford's
    thirteenth variant of the constants.
    """
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        np.right_shift(words, np.uint64(shift), out=scratch)
        np.bitwise_xor(words, scratch, out=words)
        np.multiply(words, factor, out=words)
    np.right_shift(words, np.uint64(31), out=scratch)
    np.bitwise_xor(words, scratch, out=words)


def scrambled(words: NDArray[np.uint64], *, key: np.uint64) -> NDArray[np.uint64]:
    """Return the words scrambled under a key, shape (n,); each key gives another order of the words."""
    result = words ^ key
    scramble(result, np.empty_like(result))
    return result


def key_of(*parts: object) -> np.uint64:
    """Return a 64-bit key for a purpose: the words of `parts` decide it, such as "split" and a seed."""
    digest = blake2b(repr(tuple(map(str, parts))).encode(), digest_size=8, person=b"proctor key")
    return np.uint64(int.from_bytes(digest.digest(), "little"))


def hash_order(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows in ascending order of their two words, shape (n_rows,); equal ones as they came.

    One word is sorted, which is several times as fast as two: rows that share it are nearly always equal, and
    where they are not, both are sorted after all.

    Parameters
    ----------
    first, second
        Each row's words, shape (n_rows,).
    """
    order = np.argsort(first, kind="stable")
    words, others = first[order], second[order]
    if np.any((words[1:] == words[:-1]) & (others[1:] < others[:-1])):
        return np.lexsort((second, first))
    return order
