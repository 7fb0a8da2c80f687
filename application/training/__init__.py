"""What long work needs beside its use cases."""
