"""Ways out of escalation: other people's web servers, asked for what they keep."""
