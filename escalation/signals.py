"""What escalation says upwards, in the past tense, inside the transaction that made it true.

Sent by core.signals.announce with sender=Page, so that a receiver that fails never undoes a page.
Receivers stand in the upper apps' `receivers.py` and call one action each.
"""

from django.dispatch import Signal

page_rang = Signal()
"""page: Page, attempts: list[PageAttempt] of one step in one pass: who was rung, or why nobody was; now: datetime."""

page_held = Signal()
"""page: Page: maintenance of its service makes it wait until its wake_at; it rings nobody before; now: datetime."""

page_acknowledged = Signal()
"""page: Page, answer: PageAnswer; a second acknowledgement by somebody else is announced too; now: datetime."""

page_declined = Signal()
"""page: Page, answer: PageAnswer; now: datetime."""

answer_repeated = Signal()
"""page: Page, by: Actor, who has acknowledged it before and does once more: a sign of life; now: datetime."""

page_nudged = Signal()
"""page: Page, people: list[User] who were asked for a sign of life by its wake_at; now: datetime."""

page_lapsed = Signal()
"""page: Page, answers: list[PageAnswer] that count no more: nobody has acted since, it rings anew; now: datetime."""

page_exhausted = Signal()
"""page: Page: every pass is over and nobody has answered; the last resort, if any, has been rung; now: datetime."""

page_stopped = Signal()
"""page: Page, by: Actor, reason: str; now: datetime."""

ownership_asked = Signal()
"""sender=Page; page, user: who has just answered it where no page of ours is shown (SMS, call, chat, mail); now.
Asked by core.signals.ask: each receiver answers the sentence that says what this person now owns, or nothing."""
