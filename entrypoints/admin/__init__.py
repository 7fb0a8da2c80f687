"""The pages: a client of the HTTP API like any other. Templates decide nothing; what they show is worked out in small
pure functions beside them."""
