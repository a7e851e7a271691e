"""Dates: where in the year, the week and the day, as points on a circle or as the calendar's numbers."""

from datetime import datetime

import numpy as np
import polars as pl

from search_spaces.input_choices import DateEncoding
from service.data.inputs.date_parts import fit_date_parts, fit_raw_date_parts
from tests.service.data.inputs.frames import dates, inputs_of

PLAIN, FINE = DateEncoding.PLAIN, DateEncoding.FINE


def test_a_part_is_the_sine_and_cosine_of_its_angle() -> None:
    written = ("2024-01-01", "2024-12-31T18:00", "1969-07-20T20:17", "2023-03-05T06:30")
    frame = pl.DataFrame([dates(*written)])
    parts = fit_date_parts(frame, ["sold"], encoding=PLAIN)
    assert parts.input_names == tuple(
        f"sold ({part}, {function})"
        for part in ("day of year", "weekday", "time of day")
        for function in ("sine", "cosine")
    )
    moments = [datetime.fromisoformat(text) for text in written]
    turns = np.array(
        [
            [(it.timetuple().tm_yday - 1) / 365.25, it.weekday() / 7, (it.hour + it.minute / 60) / 24]
            for it in moments
        ]
    )
    inputs = inputs_of(parts, frame)
    np.testing.assert_allclose(inputs[:, ::2], np.sin(2 * np.pi * turns), atol=1e-6)
    np.testing.assert_allclose(inputs[:, 1::2], np.cos(2 * np.pi * turns), atol=1e-6)


def test_a_part_that_is_the_same_in_all_train_rows_is_not_read() -> None:
    frame = pl.DataFrame([dates("2024-01-01", None, "2024-01-08")])
    parts = fit_date_parts(frame, ["sold"], encoding=PLAIN)
    assert parts.input_names == ("sold (day of year, sine)", "sold (day of year, cosine)")


def test_a_missing_date_is_the_circle_s_center() -> None:
    frame = pl.DataFrame([dates("2024-02-01", None, "2024-01-09")])
    inputs = inputs_of(fit_date_parts(frame, ["sold"], encoding=PLAIN), frame)
    assert inputs[1].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(np.hypot(inputs[::2, ::2], inputs[::2, 1::2]), 1, rtol=1e-6)


def test_the_last_day_of_a_year_is_next_to_the_first_of_the_next() -> None:
    frame = pl.DataFrame([dates("2023-12-31", "2024-01-01", "2024-07-01")])
    december, january, july = inputs_of(fit_date_parts(frame, ["sold"], encoding=PLAIN), frame)[:, :2]
    assert np.linalg.norm(december - january) < 0.03
    assert np.linalg.norm(july - january) > 1.9


def test_a_fine_part_has_the_harmonics_of_its_angle_too() -> None:
    written = ("2024-01-01", "2024-12-31T18:00", "1969-07-20T20:17", "2023-03-05T06:30")
    frame = pl.DataFrame([dates(*written, None)])
    plain, fine = (fit_date_parts(frame, ["sold"], encoding=encoding) for encoding in (PLAIN, FINE))
    assert [it.harmonics for it in fine.description.parts] == [24, 3, 6]
    assert fine.input_names[48:54] == (
        *("sold (weekday, sine)", "sold (weekday, sine 2)", "sold (weekday, sine 3)"),
        *("sold (weekday, cosine)", "sold (weekday, cosine 2)", "sold (weekday, cosine 3)"),
    )
    first, inputs = inputs_of(plain, frame), inputs_of(fine, frame)
    by_name = {name: inputs[:, j] for j, name in enumerate(fine.input_names)}
    assert len(by_name) == 66
    for j, name in enumerate(plain.input_names):
        np.testing.assert_array_equal(by_name[name], first[:, j])
    circle = first[:4, ::2] * 1j + first[:4, 1::2]
    for part, (name, n) in enumerate((("day of year", 24), ("weekday", 3), ("time of day", 6))):
        for k in range(2, n + 1):
            turned = circle[:, part].astype(np.complex128) ** k  # de Moivre
            np.testing.assert_allclose(by_name[f"sold ({name}, sine {k})"][:4], turned.imag, atol=1e-5)
            np.testing.assert_allclose(by_name[f"sold ({name}, cosine {k})"][:4], turned.real, atol=1e-5)
    assert not inputs[4].any()


def test_fine_weekdays_may_differ_as_any_seven_numbers_do() -> None:
    frame = pl.DataFrame([dates(*(f"2024-01-{day:02}" for day in range(1, 8)))])
    fine = fit_date_parts(frame, ["sold"], encoding=FINE)
    weekdays = [j for j, name in enumerate(fine.input_names) if "weekday" in name]
    with_constant = np.column_stack([inputs_of(fine, frame)[:, weekdays], np.ones(7)])
    assert np.linalg.cond(with_constant) < 2


def test_a_raw_part_is_the_number_that_the_calendar_has() -> None:
    frame = pl.DataFrame([dates("2024-01-01", "2024-12-31T18:00", None, "2023-03-05T06:30:36")])
    parts = fit_raw_date_parts(frame, ["sold"])
    assert parts.input_names == ("sold (day of year)", "sold (weekday)", "sold (time of day)")
    expected = np.array([[1, 1, 0], [366, 2, 18], [np.nan] * 3, [64, 7, 6.51]], dtype=np.float32)
    np.testing.assert_array_equal(inputs_of(parts, frame), expected)


def test_a_raw_part_that_is_the_same_in_all_train_rows_is_not_read() -> None:
    parts = fit_raw_date_parts(pl.DataFrame([dates("2024-01-01", None, "2024-01-08")]), ["sold"])
    assert parts.input_names == ("sold (day of year)",)
