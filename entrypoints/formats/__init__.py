"""What comes in and goes out as bytes: each form is rows for the use cases, or a form of their answers."""
