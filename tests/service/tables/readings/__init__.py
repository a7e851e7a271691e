"""Tests of the spellings of numbers and dates."""
