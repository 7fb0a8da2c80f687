"""The wiring, in parts by concern: the only place that names adapter classes.

What only training needs is imported where it is made, so that a process that serves never loads it.
"""
