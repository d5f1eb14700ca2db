"""Forms of the post office."""
