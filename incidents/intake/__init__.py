"""What came in from outside, read into what it says. Pure: no query, no clock."""
