"""Two people at once: whoever presses on what has changed meanwhile is told, and nothing is overwritten."""

from datetime import datetime

from accounts.models import User
from core.errors import Conflict
from core.moments import show_clock
from incidents.models import Incident


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
    raise Conflict(f"{who} was quicker{when}: {what}. Look again first.")


def check_newest_update(incident: Incident, seen: int | None) -> None:
    """Raise Conflict when somebody has posted a status update, or told the public, since the writer looked.

    `seen` is the id of the newest one that they had before them, 0 for none; None: they did not say.
    """
    if seen is None:
        return
    last = incident.status_updates.select_related("posted_by").order_by("-posted_at", "-pk").first()
    if last is not None and last.pk != seen:
        who = f"@{last.posted_by.handle}" if last.posted_by else "Muster"
        at = show_clock(last.posted_at)
        raise Conflict(
            f"{who} posted a status update at {at} while you were writing: “{last.text[:200]}” "
            "Yours was not posted. Change it if you like, and post it again."
        )
