"""Wrapped around ports and use cases by the wiring: what is wrapped behaves as before, and more is done besides."""
