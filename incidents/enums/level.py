"""Words of a level: who commands and fills its seats, whom it pages, what it opens, how it is watched."""

from django.db.models import TextChoices


class CommanderRule(TextChoices):
    """Whose answer makes a commander."""

    FIRST_ANSWER = "first_answer", "The first who answers a page marked so"
    DECLARER = "declarer", "Whoever declares"
    ON_CALL = "on_call", "Who is on call in a schedule"
    SERVICE_OWNER = "service_owner", "Who is on call for the affected service, else its owner"
    NOBODY = "nobody", "Nobody: this level has no commander"


class RoleSource(TextChoices):
    """By which rule a seat of the response team is filled."""

    NOBODY = "nobody", "Nobody: whoever takes it"
    ON_CALL = "on_call", "Who is on call in a schedule"
    SERVICE_OWNER = "service_owner", "Who is on call for the affected service, else its owner"


class PagedPolicy(TextChoices):
    """Where a level's page finds its escalation policy."""

    SERVICE = "service", "The service's own policy, else the ladder's default"
    NAMED = "named", "A named policy"


class ChatMode(TextChoices):
    """What a declaration opens in chat."""

    NONE = "none", "Nothing"
    THREAD = "thread", "A thread in the standing channel"
    ROOM = "room", "A room of its own"


class WatchOrder(TextChoices):
    """When the watch stands: 000 watches after “resolved”, 003 and 004 before it."""

    NONE = "none", "No watch"
    BEFORE_RESOLVED = "before_resolved", "Watch, then resolve"
    AFTER_RESOLVED = "after_resolved", "Resolve, then watch"
