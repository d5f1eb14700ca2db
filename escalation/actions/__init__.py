"""Actions of escalation."""
