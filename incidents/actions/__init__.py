"""Actions of incidents."""
