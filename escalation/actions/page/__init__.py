"""Ring somebody until they answer: start a page, answer it, move it on, stop it; and the sweep that does so by itself.

Locks: a page's row first, then whatever the receivers of its signals lock; the sweep holds one page at a time.
"""

from escalation.actions.page.answer import acknowledge_page, decline_page, ring_next_now
from escalation.actions.page.audience import hide_pages, lock_pages
from escalation.actions.page.silence import name_in_charge, note_sign_of_life
from escalation.actions.page.start import (
    Group,
    begin_page,
    begin_pages,
    note_recurrence,
    release_page,
    start_page,
)
from escalation.actions.page.stop import stop_if_free, stop_pages
from escalation.actions.page.sweep import SWEEP, advance_due_pages

__all__ = [
    "SWEEP",
    "Group",
    "acknowledge_page",
    "advance_due_pages",
    "begin_page",
    "begin_pages",
    "decline_page",
    "hide_pages",
    "lock_pages",
    "name_in_charge",
    "note_recurrence",
    "note_sign_of_life",
    "release_page",
    "ring_next_now",
    "start_page",
    "stop_if_free",
    "stop_pages",
]
