"""The record of one event and the people working on it."""
