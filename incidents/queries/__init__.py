"""Queries of incidents."""
