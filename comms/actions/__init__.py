"""Actions of the post office."""
