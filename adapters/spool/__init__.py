"""Append-only files that survive the death of the process that writes them.

HOME/spool/<worker>/ belongs to one process for its life: it holds a lock in it. log-<n>.ndjson is appended to; the one
with the largest number may still grow. batch-<id>.ndjson is whole from the moment it has that name. A line is
`<CRC-32 of the rest, 8 hex digits> <rows> <JSON>`.
"""
