"""The checklist: its items appear, and people say how they stand."""
