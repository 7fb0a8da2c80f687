"""The stores that live in a database, SQLite or PostgreSQL alike."""
