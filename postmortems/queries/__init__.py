"""Queries of postmortems."""
