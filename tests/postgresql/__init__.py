"""Django's PostgreSQL with one difference: what a test has committed is removed quickly."""
