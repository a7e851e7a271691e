"""Digests of texts: one for each plain form and key."""

import struct
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.seal.hashes.row_hashes import plain_text, text_digests

texts = st.text(st.characters(codec="utf-8"))


@given(st.lists(texts, min_size=1, max_size=5), st.binary(max_size=64))
def test_a_digest_is_blake2b_of_the_plain_text_under_the_key(given_texts: list[str], key: bytes) -> None:
    expected = [
        struct.unpack("<2Q", blake2b(plain_text(text).encode(), digest_size=16, key=key).digest())
        for text in given_texts
    ]
    assert list(map(tuple, text_digests(given_texts, key=key).tolist())) == expected


def test_no_texts_have_no_digests() -> None:
    assert text_digests([], key=b"").shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("FALSE", "false"),
        ("Truth", "Truth"),
        ("2024-02-29 13:05", "2024-02-29T13:05:00"),
        ("2024-02-29T13:05:07.120000", "2024-02-29T13:05:07.12"),
        ("2024-02-29 13:05:07.000000", "2024-02-29T13:05:07"),
        ("2024-02-29 00:00:00.000", "2024-02-29"),
        ("2024-02-29 00:00:00+00:00", "2024-02-29T00:00:00Z"),
        ("2024-02-29 13:05:07+0000", "2024-02-29T13:05:07Z"),
        ("2024-02-29 13:05:07+01:00", "2024-02-29 13:05:07+01:00"),
        ("2024-02-29 at noon", "2024-02-29 at noon"),
        ("", ""),
    ],
)
def test_the_plain_form_is_one_spelling_of_a_value(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(texts)
def test_the_plain_form_of_a_plain_form_is_itself(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)
