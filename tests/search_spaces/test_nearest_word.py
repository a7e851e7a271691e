"""A slip of the keyboard is met with the right word."""

from search_spaces.nearest_word import hint, nearest_word

WORDS = ("learning_rate", "momentum", "keep_prob")


def test_a_slip_of_the_keyboard_finds_the_word_that_was_meant() -> None:
    assert nearest_word("learning_rat", WORDS) == "learning_rate"


def test_capitals_make_no_difference() -> None:
    assert nearest_word("KEEP_PROB", WORDS) == "keep_prob"


def test_a_word_like_none_finds_none() -> None:
    assert nearest_word("xyzzy", WORDS) is None


def test_the_hint_offers_the_nearest_word_alone() -> None:
    assert hint("momentun", WORDS) == "did you mean momentum?"


def test_the_hint_lists_all_words_where_none_is_near() -> None:
    assert hint("xyzzy", WORDS) == "expected one of learning_rate, momentum, keep_prob"
