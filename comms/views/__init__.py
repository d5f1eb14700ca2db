"""Views of the post office."""
