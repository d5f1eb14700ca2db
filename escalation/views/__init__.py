"""Views of escalation."""
