"""Real processes killed by their ids, and the count taken at the receiver."""
