"""Forms of escalation."""
