"""The forms of the room, opened in place one at a time: each says beside its button what the press will do."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from core.moments import show_clock
from escalation.models import Policy
from incidents.actions.public_word import not_public
from incidents.actions.text import ReadyText, texts_to_copy
from incidents.enums import Gate, IncidentStatus, PromiseKind, WatchOrder
from incidents.export.texts import Said, difference
from incidents.forms.attachment import FilesForm
from incidents.forms.audience import AudienceForm
from incidents.forms.checklist import CheckForm
from incidents.forms.entry import EntryForm, PasteForm
from incidents.forms.impact import ImpactForm, ServiceForm
from incidents.forms.link import LinkForm, OtherForm
from incidents.forms.people import HandoverForm, PageForm, RoleForm, TakeOverForm
from incidents.forms.public_word import PublicForm
from incidents.forms.reason import LevelForm, ReasonForm
from incidents.forms.runbook import DecideForm
from incidents.forms.status_update import StatusUpdateForm, prefilled
from incidents.forms.submission import RoomForm
from incidents.intake.attachment import KEPT
from incidents.models import Incident, Level, StatusUpdate
from incidents.queries.public_word import next_public_by, owes_public
from incidents.queries.room import Room
from incidents.queries.watch import watch_wanted_until
from incidents.views.looks import check_sentences
from incidents.views.offer import Offer
from incidents.views.owed import close_sentences, drop_sentences
from incidents.views.work_offers import WORK_OFFERS

NAMES_INCIDENTS = {"link", "merge"}
MOST_OFFERED = 20
NAMES_PEOPLE = {"page", "roles", "handover", "audience", "task", "task-change"}


@dataclass(frozen=True)
class Panel:
    """An offer made in one room, with its form as it stands."""

    key: str
    offer: Offer
    form: RoomForm
    tells: list[str]

    @property
    def sends(self) -> bool:
        """Whether there is anything to send: an entry that Muster wrote is only read."""
        return self.key != "entry" or "line" in self.form.fields

    @property
    def verb(self) -> str:
        """The word on the button."""
        lines = getattr(self.form, "preview", [])
        if lines and not self.form.errors:
            return "Write 1 entry" if len(lines) == 1 else f"Write {len(lines)} entries"
        return self.offer.verb

    @property
    def people(self) -> Iterable[User]:
        """Whom a form that names people may name."""
        return User.objects.filter(is_active=True) if self.key in NAMES_PEOPLE else []

    @property
    def incidents(self) -> Iterable[Incident]:
        """Those that a form which names another incident offers: the newest, as far as the reader may see them."""
        if self.key not in NAMES_INCIDENTS:
            return []
        others = Incident.objects.visible_to(self.form.room.viewer).exclude(pk=self.form.room.incident.pk)
        return others.order_by("-number")[:MOST_OFFERED]

    @property
    def texts(self) -> list[ReadyText]:
        """What the ladder has for others outside, to copy beside what Muster tells the public."""
        return texts_to_copy(self.form.room.incident, now=self.form.now) if self.key == "public" else []

    @property
    def policies(self) -> Iterable[Policy]:
        """Escalation policies that can be rung by hand."""
        return Policy.objects.all() if self.key == "page" else []


def panel(room: Room, key: str, form: RoomForm | None = None) -> Panel | None:
    """The panel called `key`, with `form` when it comes back with a refusal; None for a name nobody knows."""
    offer = OFFERS.get(key)
    if offer is None:
        return None
    return Panel(key, offer, form or offer.form(room=room), [sentence for sentence in offer.tells(room) if sentence])


def raising_tells(level: Level) -> str:
    """What a raise to `level` does."""
    every = next((duty.within for duty in level.duties.all() if duty.kind == PromiseKind.STATUS_UPDATE), "")
    told = ["rings again in 10 s", f"updates every {every}" if every else ""]
    return ", ".join(part for part in told if part)


def _update(room: Room) -> list[str]:
    duty, due_at, last = room.words_duty, room.next_update_by, room.last_update
    places = duty.told_where if duty else [room.incident.level.chat_channel]
    shown = ", ".join(f"#{place}" for place in places if place)
    if room.incident.audience_id is not None:
        places = []
    audience = f"Goes to {shown}, the timeline and the status document." if shown else "Goes to the timeline alone."
    promise = f"The next one is promised for {show_clock(due_at, room.viewer.zone)}." if due_at else ""
    public = f"The public reads it only if ticked; {_told_public(room)}." if room.incident.may_be_public else ""
    briefed = ", ".join(f"#{place}" for place in room.brief_duty.told_where) if room.brief_duty else ""
    brief = f"The brief goes to {briefed}." if briefed else ""
    return [audience, promise, public, brief, _since_last(room, last) if last else ""]


def _told_public(room: Room) -> str:
    told_at, state = room.incident.public_told_at, room.incident.get_public_state_display().lower()
    return (
        f"it was last told “{state}” at {show_clock(told_at, room.viewer.zone)}" if told_at else "it knows nothing yet"
    )


def _since_last(room: Room, last: StatusUpdate) -> str:
    """What the prefilled words say otherwise than the last ones."""
    words = prefilled(room)
    said = Said(**{name: words[name] for name in ("impact", "action", "cause", "eta")})
    changes = difference(last, room.incident.status, said) if not last.is_no_change else []
    found = f"Since then: {'; '.join(changes)}." if changes else ""
    return f"Last at {show_clock(last.posted_at, room.viewer.zone)}: “{last.text[:200]}” {found}".strip()


def _public(room: Room) -> list[str]:
    if not room.incident.may_be_public:
        return [not_public(room.incident)]
    level = "" if room.incident.level.is_public else f"{room.incident.level} is not told to the public by default."
    due_at = next_public_by(room.incident, now=room.now) if owes_public(room.incident) else None
    promise = f"The next word is then owed by {show_clock(due_at, room.viewer.zone)}." if due_at else ""
    return [f"Everybody outside may read it; {_told_public(room)}.", promise, level]


def _page(room: Room) -> list[str]:
    return ["Rings them now on their urgent channels, whoever answered before."]


def _severity(room: Room) -> list[str]:
    worse = [level for level in room.levels if level.rank < room.incident.level.rank]
    raised = [f"{level.name}: {raising_tells(level)}; until then you can take it back." for level in worse]
    return [*raised, "Lowering rings nobody and gives the clocks their longer time."]


def _roles(room: Room) -> list[str]:
    return [
        "Whoever gets a role is told at once; whoever held it alone is relieved.",
        "Command of yours is offered: it is theirs once they accept.",
    ]


def _handover(room: Room) -> list[str]:
    return [
        "They get a brief made from the record, and accept or decline.",
        "Until they accept, the role, its promises and its pages stay with you.",
    ]


def _takeover(room: Room) -> list[str]:
    return ["Takes it from them now, without a handover. They are told, and it is recorded."]


def _resolve(room: Room) -> list[str]:
    level, incident = room.incident.level, room.incident
    watch = ""
    if level.watch_order == WatchOrder.AFTER_RESOLVED:
        watch = f"The {level.watch_for} watch begins."
    elif level.watch_order == WatchOrder.BEFORE_RESOLVED:
        running = room.watch.due_at if room.watch else None
        until = watch_wanted_until(incident, running=running, raised=room.pending)
        watch = f"{level.name} is watched for {level.watch_for} first; "
        watch += (
            f"until {show_clock(until, room.viewer.zone)} it needs a reason." if until else "earlier needs a reason."
        )
        watch = "" if until is None and incident.mitigated_at else watch
    after = [duty for duty in room.duties if duty.kind in {PromiseKind.POSTMORTEM, PromiseKind.CUSTOMER_EMAIL}]
    owed = [f"{duty.get_kind_display()} is owed within {duty.within}." for duty in after]
    return [
        "It is over: every page stops and no update is owed any more.",
        watch,
        *check_sentences(room, Gate.RESOLVE),
        *owed,
    ]


def _close(room: Room) -> list[str]:
    until = room.watch.due_at if room.watch else None
    early = (
        f"The watch lasts until {show_clock(until, room.viewer.zone)}; closing now needs a reason." if until else ""
    )
    return ["The response is over: every role ends. What is owed after it goes on.", early, *close_sentences(room)]


def _check(room: Room) -> list[str]:
    watched = room.incident.status in {IncidentStatus.MONITORING, IncidentStatus.RESOLVED}
    failed = "A check that failed goes back to investigating." if watched else ""
    return ["Kept with your name and the time; it stands in the timeline.", failed]


def _dismiss(room: Room) -> list[str]:
    return ["Stops every page and owes nothing, no postmortem. Declaring it was right.", *drop_sentences(room)]


def _watch(room: Room) -> list[str]:
    return ["Back to investigating, with the story kept; updates are owed again."]


def _paste(room: Room) -> list[str]:
    zone = room.viewer.zone.key
    return [f"Times are {zone}. Nothing is written before you have seen what it becomes."]


def _files(room: Room) -> list[str]:
    return [KEPT, "They stand beside the entry; a line of its own says who added them, and when."]


def _merge(room: Room) -> list[str]:
    return [
        "Closes this one: every page stops, nothing more is owed here, and whoever works on it is sent to the other.",
        "Its timeline stays, and both lead to each other.",
        *drop_sentences(room),
    ]


def _reopen(room: Room) -> list[str]:
    return ["Back to investigating, with the story kept; updates are owed again. Rings nobody: page somebody."]


def _private(room: Room) -> list[str]:
    return [
        "Who holds a role, who declared, whom a page rang and you: nobody else sees it any more.",
        "Messages to channels and to others that have not left are frozen; pushes and SMS leave without their words.",
    ]


def _unhide(room: Room) -> list[str]:
    return ["Everybody who is signed in sees it, with all that was said in it. Frozen messages stay frozen."]


def _audience(room: Room) -> list[str]:
    audience = room.incident.audience
    rows = audience.entries.select_related("user").order_by("pk") if audience else []
    inside = ", ".join(f"{row.user} ({row.reason})" for row in rows)
    return [f"In are {inside}.", "They see everything and are told so; the reason stands in the timeline."]


def _decide(room: Room) -> list[str]:
    return ["It stands in the timeline, and nobody is rung for it."]


OFFERS: dict[str, Offer] = {
    "update": Offer("Status update", StatusUpdateForm, "update-post", "Post the update", _update),
    "public": Offer("Tell the public", PublicForm, "public-tell", "Tell the public", _public),
    "page": Offer("Page someone", PageForm, "people-page", "Ring now", _page, "danger"),
    "severity": Offer("Severity", LevelForm, "severity-change", "Change the level", _severity),
    "impact": Offer("Impact", ImpactForm, "impact-set", "Save", lambda room: []),
    "service": Offer(
        "Affected service",
        ServiceForm,
        "service-set",
        "Save",
        lambda room: ["Rings nobody. To ring whoever owns it, page its policy."],
    ),
    "roles": Offer("Give a role", RoleForm, "role-assign", "Give the role", _roles),
    "handover": Offer("Hand over", HandoverForm, "handover-offer", "Offer it", _handover),
    "takeover": Offer("Take over", TakeOverForm, "role-take-over", "Take it from them now", _takeover, "danger"),
    "check": Offer("How does it stand?", CheckForm, "checklist-mark", "Keep it", _check),
    "resolve": Offer("Resolve", ReasonForm, "incident-resolve", "Resolve", _resolve, "success"),
    "close": Offer("Close", ReasonForm, "incident-close", "Close", _close),
    "dismiss": Offer("Not an incident", ReasonForm, "incident-dismiss", "Close: not an incident", _dismiss),
    "entry": Offer("An entry", EntryForm, "entry-correct", "Correct it", lambda room: ["The original stays, struck."]),
    "files": Offer("Files for an entry", FilesForm, "entry-files", "Add", _files),
    "paste": Offer("Paste lines", PasteForm, "entry-paste", "Show what it becomes", _paste),
    "link": Offer("Link an incident", LinkForm, "incident-link", "Link", lambda room: ["Both rooms show it."]),
    "merge": Offer("A duplicate", OtherForm, "incident-merge", "Close as a duplicate", _merge),
    "reopen": Offer("Open it again", ReasonForm, "incident-reopen", "Open it again", _reopen, "danger"),
    "private": Offer("Make it private", ReasonForm, "incident-hide", "Make it private", _private, "danger"),
    "unhide": Offer("No longer private", ReasonForm, "incident-unhide", "Show it to everybody", _unhide, "danger"),
    "audience": Offer("Who may see it", AudienceForm, "audience-add", "Let them in", _audience),
    "decide": Offer("A critical decision", DecideForm, "runbook-decide", "Decided", _decide),
    "watch": Offer("It is back", ReasonForm, "watch-fail", "Back to investigating", _watch, "danger"),
    **WORK_OFFERS,
}
