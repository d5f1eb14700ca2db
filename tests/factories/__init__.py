"""Rows for tests: one module for each app, one factory for each model, each row the smallest that is valid.

A factory makes what its model needs and nothing else: no message leaves, no action runs. A test that wants a moment
takes NOW (the fixture `now` is the same) and counts from it.
"""

from datetime import UTC, datetime

# 14:23 in Berlin on the Saturday of document 000: the moment at which its page fires.
NOW = datetime(2026, 4, 18, 12, 23, tzinfo=UTC)
