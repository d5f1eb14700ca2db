"""Tests of rows of incidents, and of what the database refuses."""
