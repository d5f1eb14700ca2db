"""Queries of the post office."""
