"""What can be asked of the service: functions that describe a call, a module each for what they are about.

A task may be left out where the service can tell which is meant. Tables are paths, bytes, rows by column, or tables of
pandas, pyarrow or polars; pictures are paths, bytes, pictures of Pillow or arrays.
"""
