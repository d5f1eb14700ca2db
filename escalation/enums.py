"""Words of escalation."""

from django.db.models import TextChoices

from accounts.enums import Via


class PageStatus(TextChoices):
    """Where a page stands. HELD: it rings nobody until maintenance is over, and then begins at the top."""

    RINGING = "ringing", "Ringing"
    HELD = "held", "Held by maintenance"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    EXHAUSTED = "exhausted", "Nobody answered"
    STOPPED = "stopped", "Stopped"


class AnswerKind(TextChoices):
    """What a person answered."""

    ACKNOWLEDGED = "acknowledged", "On it"
    DECLINED = "declined", "Cannot"


# By these ways whoever answers hears at once what became of it, and what they now own: escalation.actions.incoming.
SAID_BACK = frozenset({Via.SMS, Via.PHONE, Via.EMAIL, Via.CHAT})


class IncomingOutcome(TextChoices):
    """What became of words that came in."""

    WAITING = "waiting", "Waits to be read"
    ANSWERED = "answered", "Answered a page"
    CONFIRMED = "confirmed", "Confirmed a test page"
    REFUSED = "refused", "Was refused"
    UNCLEAR = "unclear", "Could not be told for certain"
    WRONG_CODE = "wrong_code", "Had the code of no page"
    UNKNOWN = "unknown", "From nobody here"
    IGNORED = "ignored", "Answers nothing"


class TargetKind(TextChoices):
    """At whom a step aims."""

    PERSON = "person", "A person"
    ON_CALL = "on_call", "Who is on call"
    TEAM = "team", "A team"
    ROLE = "role", "Who holds a role of the incident"
    WEBHOOK = "webhook", "A webhook"


class AttemptOutcome(TextChoices):
    """What became of one target of one step."""

    RUNG = "rung", "Rung"
    ALREADY_ANSWERED = "already_answered", "Had answered before"
    ALREADY_RUNG = "already_rung", "Was rung by the same step"
    NOBODY = "nobody", "Nobody there"
    UNREACHABLE = "unreachable", "Has no way to be reached"
    NOT_MET = "not_met", "Gone over"
    WAITS = "waits", "Waits for its condition"


class HoursRule(TextChoices):
    """On which side of business hours a step is rung."""

    INSIDE = "inside", "Inside these hours"
    OUTSIDE = "outside", "Outside these hours"


class UnmetRule(TextChoices):
    """What a step does while its hours or its number do not hold. A level never changes: it is always gone over."""

    PASS_OVER = "pass_over", "Go on to the next step at once"
    WAIT = "wait", "Wait here until it holds"


class LintKind(TextChoices):
    """What may be wrong with a policy."""

    UNREACHABLE = "unreachable", "Never reached"
    NOBODY = "nobody", "Rings nobody"
    NO_CONTACT = "no_contact", "Cannot be reached"
    TWICE = "twice", "The same person again"
    NO_DELAY = "no_delay", "No time to answer"
    GAP = "gap", "A gap is coming"
    NO_LAST_RESORT = "no_last_resort", "No last resort"


class ShiftUnit(TextChoices):
    """The unit in which a turn is counted."""

    MINUTES = "minutes", "minutes"
    HOURS = "hours", "hours"
    DAYS = "days", "days"
    WEEKS = "weeks", "weeks"
    MONTHS = "months", "months"
    ACTIVE_DAYS = "active_days", "active days"
    CALENDAR_WEEKS = "calendar_weeks", "calendar weeks"
    CALENDAR_MONTHS = "calendar_months", "calendar months"


class OverrideKind(TextChoices):
    """What an override does to its span."""

    COVER = "cover", "Covers whoever is on call"
    REPLACE = "replace", "Replaces one person"
    ADD = "add", "Is on call as well"
    REMOVE = "remove", "Takes one person off"


class CalendarView(TextChoices):
    """How much of a schedule is drawn at once."""

    MONTH = "month", "Month"
    WEEK = "week", "Week"
    FORTNIGHT = "14-days", "14 days"


class ShiftNoticeKind(TextChoices):
    """What a person is told about a shift of theirs."""

    SOON = "soon", "It begins soon"
    BEGINS = "begins", "It begins"
    ENDS = "ends", "It is over"
