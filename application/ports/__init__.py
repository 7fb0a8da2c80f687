"""What the use cases need from the world: one capability a file, the contract in its docstrings."""
