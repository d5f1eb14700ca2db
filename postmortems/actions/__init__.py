"""Actions of postmortems."""
