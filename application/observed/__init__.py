"""What is counted, timed and kept about the work of the use cases, wrapped around them by the container."""
