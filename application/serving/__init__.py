"""What a process needs to answer with the right model: loading, swapping, and telling the others."""
