"""Commands of the wiring itself."""
