"""By what a person is told and when, and why not: pure, run by the engine, the dry run and the person's own page."""

from comms.plan.chain import STANDARD_DELAYS, Try, everywhere, standard_tries, tries
from comms.plan.fate import Fate, Post, fates
from comms.plan.throttle import Send, Told, following, repeats, sends, told_together
from comms.plan.way import Way, ways_to_user

__all__ = [
    "STANDARD_DELAYS",
    "Fate",
    "Post",
    "Send",
    "Told",
    "Try",
    "Way",
    "everywhere",
    "fates",
    "following",
    "repeats",
    "sends",
    "standard_tries",
    "told_together",
    "tries",
    "ways_to_user",
]
