"""Whole stories on a moving clock."""
