"""Words of the post office."""

from django.db.models import TextChoices


class Transport(TextChoices):
    """The ways out; each is one module in comms/transports."""

    EMAIL = "email", "Email"
    WEBHOOK = "webhook", "Webhook"
    APPRISE = "apprise", "Apprise URL"
    SMS = "sms", "SMS"
    VOICE = "voice", "Call"
    GATEWAY = "gateway", "SMS by gateway"
    PUSH = "push", "Push"
    SLACK = "slack", "Slack"


# Their words are read aloud or stand on a locked screen.
OPEN_TO_ALL = frozenset({Transport.SMS, Transport.VOICE, Transport.GATEWAY, Transport.PUSH, Transport.APPRISE})
# Reached by a number, like +491701234567.
PHONES = frozenset({Transport.SMS, Transport.VOICE, Transport.GATEWAY})


class Urgency(TextChoices):
    """How a message may reach a person: their urgent chain, their normal one, or quietly."""

    URGENT = "urgent", "Urgent"
    NORMAL = "normal", "Normal"


class MessageStatus(TextChoices):
    """Where a message stands. NOT_SENT is final and has its reason."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    NOT_SENT = "not_sent", "Not sent"


class DeliveryOutcome(TextChoices):
    """How one attempt ended. RUNNING whose lease is over means that the worker died in it."""

    RUNNING = "running", "Running"
    HANDED_OVER = "handed_over", "Handed over"
    FAILED = "failed", "Failed"
    REJECTED = "rejected", "Rejected for good"
    LOST = "lost", "Lost: the worker died"


class Report(TextChoices):
    """What a provider says later of what it has taken."""

    ON_ITS_WAY = "on_its_way", "On its way"
    ARRIVED = "arrived", "Arrived"
    FAILED = "failed", "Did not arrive"


class MessageKind(TextChoices):
    """What a message is about; a subscription picks by it."""

    PAGE = "page", "Page"
    NUDGE = "nudge", "Reminder"
    NOTICE = "notice", "Notice"
    THREAD = "thread", "Chat thread"
    STATUS_UPDATE = "status_update", "Status update"
    BROKEN_PROMISE = "broken_promise", "Broken promise"
    CODE = "code", "Verification code"
    TEST = "test", "Test page"


class EnginePart(TextChoices):
    """The processes without which no page goes out, and that say themselves that they live."""

    BEAT = "beat", "Beat"
    WORKER = "worker", "Worker"


# Whoever read their words in the outbox could confirm for their person.
FOR_ONE_PAIR_OF_EYES = frozenset({MessageKind.CODE, MessageKind.TEST})
