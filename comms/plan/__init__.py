"""By what a person is told and when, and why not: pure, run by the engine, the dry run and the person's own page."""

from comms.plan.chain import STANDARD_DELAYS, Try, everywhere, standard_tries, tries
from comms.plan.throttle import Send, Told, repeats, sends

__all__ = ["STANDARD_DELAYS", "Send", "Told", "Try", "everywhere", "repeats", "sends", "standard_tries", "tries"]
