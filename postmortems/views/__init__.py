"""Views of postmortems."""
