"""The forms of the room, opened in place one at a time: each says beside its button what the press will do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import User
from core.moments import show_clock
from escalation.models import Policy
from incidents.enums import PromiseKind, WatchOrder
from incidents.forms.impact import ImpactForm, ServiceForm
from incidents.forms.people import HandoverForm, PageForm, RoleForm, TakeOverForm
from incidents.forms.reason import LevelForm, ReasonForm
from incidents.forms.status_update import StatusUpdateForm
from incidents.forms.submission import RoomForm
from incidents.models import Level
from incidents.queries.room import Room, duties_of


@dataclass(frozen=True)
class Offer:
    """One panel: its title, its form, the door it posts to, the button's word, and what the press will do."""

    title: str
    form: type[RoomForm]
    door: str
    verb: str
    tells: Callable[[Room], list[str]]
    tone: str = "primary"


@dataclass(frozen=True)
class Panel:
    """An offer made in one room, with its form as it stands."""

    key: str
    offer: Offer
    form: RoomForm
    tells: list[str]

    @property
    def people(self) -> Iterable[User]:
        """Whom a form that names people may name."""
        return User.objects.filter(is_active=True) if self.key in {"page", "roles", "handover"} else []

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
    every = next((duty.within for duty in duties_of(level) if duty.kind == PromiseKind.STATUS_UPDATE), "")
    told = ["rings again in 10 s", f"updates every {every}" if every else ""]
    return ", ".join(part for part in told if part)


def _update(room: Room) -> list[str]:
    duty, due_at = room.update_duty, room.next_update_by
    places = duty.told_where if duty else [room.incident.level.chat_channel]
    shown = ", ".join(f"#{place}" for place in places if place)
    if room.incident.audience_id is not None:
        places = []
    audience = f"Goes to {shown}, the timeline and the status document." if shown else "Goes to the timeline alone."
    public = "The public is not told from here." if room.incident.level.is_public else ""
    promise = f"The next one is promised for {show_clock(due_at, room.viewer.zone)}." if due_at else ""
    return [audience, promise, public]


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
        until = room.watch.due_at if room.watch else None
        watch = f"{level.name} is watched for {level.watch_for} first; "
        watch += (
            f"until {show_clock(until, room.viewer.zone)} it needs a reason." if until else "earlier needs a reason."
        )
        watch = "" if until is None and incident.mitigated_at else watch
    after = [duty for duty in room.duties if duty.kind in {PromiseKind.POSTMORTEM, PromiseKind.CUSTOMER_EMAIL}]
    owed = [f"{duty.get_kind_display()} is owed within {duty.within}." for duty in after]
    return ["It is over: every page stops and no update is owed any more.", watch, *owed]


def _close(room: Room) -> list[str]:
    until = room.watch.due_at if room.watch else None
    early = (
        f"The watch lasts until {show_clock(until, room.viewer.zone)}; closing now needs a reason." if until else ""
    )
    return ["The response is over: every role ends. What is owed after it goes on.", early]


def _dismiss(room: Room) -> list[str]:
    return ["Stops every page and owes nothing, no postmortem. Declaring it was right."]


def _watch(room: Room) -> list[str]:
    return ["Back to investigating, with the story kept; updates are owed again."]


OFFERS: dict[str, Offer] = {
    "update": Offer("Status update", StatusUpdateForm, "update-post", "Post the update", _update),
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
    "resolve": Offer("Resolve", ReasonForm, "incident-resolve", "Resolve", _resolve, "success"),
    "close": Offer("Close", ReasonForm, "incident-close", "Close", _close),
    "dismiss": Offer("Not an incident", ReasonForm, "incident-dismiss", "Close: not an incident", _dismiss),
    "watch": Offer("It is back", ReasonForm, "watch-fail", "Back to investigating", _watch, "danger"),
}
