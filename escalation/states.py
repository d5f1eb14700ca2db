"""The workflow of a page, as a table. docs/states.md is generated from it; actions ask it before every change."""

from escalation.enums import PageStatus

P = PageStatus

# {status: statuses that may follow}. Whoever takes an answer back, or falls silent after it, lets the page ring again.
PAGE_TRANSITIONS: dict[str, frozenset[str]] = {
    P.RINGING: frozenset({P.ACKNOWLEDGED, P.EXHAUSTED, P.STOPPED}),
    P.HELD: frozenset({P.RINGING, P.ACKNOWLEDGED, P.STOPPED}),
    P.EXHAUSTED: frozenset({P.RINGING, P.ACKNOWLEDGED, P.STOPPED}),
    P.ACKNOWLEDGED: frozenset({P.RINGING}),
    P.STOPPED: frozenset(),
}

# Statuses in which it rings people: an exhausted one may go on from the top.
LOUD: frozenset[str] = frozenset({P.RINGING, P.EXHAUSTED})

# Statuses in which it still looks for somebody.
LOOKS_FOR_SOMEBODY: frozenset[str] = frozenset({P.RINGING, P.HELD, P.EXHAUSTED})
