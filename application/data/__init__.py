"""Data on their way between ports and use cases: remembered, summed up, or put where they are kept."""
