"""Words of promises."""

from django.db.models import TextChoices


class PromiseKind(TextChoices):
    """What can be owed by a time. A level's duty of the same kind makes it."""

    RESPOND = "respond", "Respond"
    ANSWER = "answer", "Answer a page"
    FIRST_UPDATE = "first_update", "First status update"
    STATUS_UPDATE = "status_update", "Status update"
    PUBLIC_UPDATE = "public_update", "Public update"
    EXECUTIVE_BRIEF = "executive_brief", "Executive brief"
    WATCH = "watch", "Watch"
    TASK = "task", "Task"
    DECISION = "decision", "Look at a decision again"
    CRITICAL = "critical", "Critical decision"
    MITIGATION = "mitigation", "Look at a mitigation"
    HANDOVER = "handover", "Accept the handover"
    CUSTOMER_EMAIL = "customer_email", "Customer email"
    POSTMORTEM = "postmortem", "Postmortem"
    MEETING = "meeting", "Postmortem meeting"
    ACTION_ITEM = "action_item", "Action item"


class PromiseStage(TextChoices):
    """What was already done about an open promise."""

    MADE = "made", "Made"
    REMINDED = "reminded", "Owner reminded"
    BROKEN = "broken", "Broken, owner told"
    DEPUTY_TOLD = "deputy_told", "Deputy told"
    ESCALATED = "escalated", "Escalated"
