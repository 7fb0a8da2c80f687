"""Reads that decide nothing but cost something, and what of them is remembered."""
