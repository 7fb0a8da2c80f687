"""Counts in the form that Prometheus scrapes."""
