"""Forms of postmortems."""
