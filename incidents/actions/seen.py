"""Two people at once: whoever presses on what has changed meanwhile is told, and nothing is overwritten."""

from datetime import datetime

from accounts.models import User
from core.errors import Conflict
from core.moments import show_clock


def check_seen(
    seen: str | None, *, is_now: str, what: str, by: User | None = None, at: datetime | None = None
) -> None:
    """Raise Conflict when the writer had something else before them than what `is_now`; None: they did not say.

    `what` is how it is now, as it stands in the sentence: “@ana made it ruled out at 14:05. Look again, …”.
    """
    if seen is None or seen == is_now:
        return
    who = f"@{by.handle}" if by else "Somebody"
    when = f" at {show_clock(at)}" if at else ""
    raise Conflict(f"{who} was quicker{when}: {what}. Look again, then press.")
