"""Queries of escalation."""
