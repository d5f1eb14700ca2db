"""Actions of accounts."""
