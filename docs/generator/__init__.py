"""Writes the reference pages from the code, and lays out what the site is built from."""
