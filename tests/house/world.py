"""A small organisation in which every address of Muster leads somewhere, twice: once in the open, once in private.

All texts of the private half hold SECRET, so that whatever leaks can be found by looking for one word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.enums import TokenScope
from accounts.models import User
from comms.links import sign_proof
from comms.models import ContactRule, ReachProof
from escalation.links import sign_answer
from escalation.models import Page, ShiftSwap
from incidents.enums import CheckOutcome, IncidentStatus, PromiseKind, RoleKind
from incidents.models import Incident, LadderVersion
from postmortems.enums import SectionKey
from postmortems.models import Postmortem
from tests.factories import NOW
from tests.factories.accounts import ApiTokenFactory, AudienceFactory, UserFactory
from tests.factories.checklist import AttachmentFactory, ChecklistItemFactory, EntryFileFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, MessageFactory, ReachProofFactory
from tests.factories.escalation import (
    CalendarFeedFactory,
    IncomingAnswerFactory,
    MaintenanceWindowFactory,
    PageAttemptFactory,
    PageFactory,
    RoleContactFactory,
    ServiceFactory,
    ShiftSwapFactory,
    make_policy,
    make_schedule,
)
from tests.factories.incidents import (
    IncidentFactory,
    PromiseFactory,
    RoleAssignmentFactory,
    StatusUpdateFactory,
    TimelineEntryFactory,
    level_of,
    make_ladder,
)
from tests.factories.ladder import (
    CriticalDecisionFactory,
    FlagFactory,
    PhaseFactory,
    PhaseTroubleFactory,
    RunbookFactory,
)
from tests.factories.people import HandoverFactory
from tests.factories.postmortems import ActionItemFactory, PostmortemFactory, ReviewFactory, SectionFactory
from tests.factories.scenario import IncidentEscalationFactory, IncidentFlagFactory, IncidentRunbookFactory

SECRET = "quagga"
KEY = "0123456789abcdef0123456789abcdef"
SOUGHT = "okapi"  # stands beside the secret: who seeks this must not find that


@dataclass(frozen=True)
class Story:
    """One incident with all that hangs on it."""

    incident: Incident
    page: Page
    postmortem: Postmortem
    rung: User
    swap: ShiftSwap

    def value(self, name: str) -> Any:
        """What a parameter of an address is in this story. Raises KeyError for one that nobody has taught it."""
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, Any]:
        """Read once: a walk asks thousands of times, and what it does is undone."""
        return {
            "reference": self.incident.reference,
            "ref": self.page.ref,
            "token": sign_answer(self.page, self.rung),
            "number": 1,
            "hint": "nobody_commands",
            "key": SectionKey.SUMMARY,
            "role": "commander",
            "handle": self.rung.handle,
            "slug": "primary",
            "swap": self.swap.ref,
            "point": self.rung.contact_points.first().pk,
            "rule": ContactRule.objects.get(contact_point__user=self.rung).pk,
            "chain": "urgent",
            "proof": sign_proof(ReachProof.objects.get(contact_point__user=self.rung)),
            "pk": 1,
            "kind": "push",
            "secret": "nobody-knows-it",
            "window": "window01",
            "message": "0b7e3f6c-6f0c-4a55-9a39-2d9a4c1d8a11",
            "feed": f"worldfeed-{KEY}",
            "prefix": "worldfeed",
            "policy": "last",
            "line": 1,
            "status": "testing",
            "outcome": "effective",
            "state": "down",
            "digest": self.incident.attachments.get().sha256,
            "flag": "breach",
            "runbook": "database",
        }


@dataclass(frozen=True)
class World:
    """The people, and the two stories."""

    viewer: User
    responder: User
    admin: User
    insider: User
    open: Story
    private: Story


@dataclass(frozen=True)
class Door:
    """One address pattern of ours: its full name, its view and the names of its parameters."""

    name: str
    route: str
    view: Any
    parameters: tuple[str, ...]

    def path(self, story: Story) -> str:
        """The address in `story`."""
        path = self.route
        for parameter in self.parameters:
            begin, end = path.index("<"), path.index(">")
            path = path[:begin] + str(story.value(parameter)) + path[end + 1 :]
        return "/" + path


def doors() -> Iterator[Door]:
    """Every address of Muster's own; those of allauth and of Django's admin are theirs."""
    for door in _walk(get_resolver(), "", ""):
        theirs = getattr(door.view, "__module__", "").split(".")[0] in {"allauth", "django"}
        # Ninja's root is an address to build others from, and answers nothing.
        if not theirs and not door.route.startswith("admin/") and door.name != "api:api-root":
            yield door


def _walk(resolver: URLResolver, route: str, namespace: str) -> Iterator[Door]:
    for each in resolver.url_patterns:
        there = route + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Door(f"{namespace}{each.name}", there, each.callback, tuple(_parameters(there)))
        else:
            yield from _walk(each, there, f"{namespace}{each.namespace}:" if each.namespace else namespace)


def _parameters(route: str) -> Iterator[str]:
    for part in route.split("<")[1:]:
        yield part.split(">")[0].rpartition(":")[2]


def make_world() -> World:
    """Everything in rows, once."""
    responder, insider, rung = UserFactory(), UserFactory(), UserFactory()
    for person in (responder, insider, rung):
        ContactPointFactory(user=person)
    ContactRuleFactory(contact_point__user=rung)
    ReachProofFactory(contact_point__user=rung)
    version = make_ladder(rung)
    CriticalDecisionFactory(runbook=RunbookFactory(version=version, slug="database", levels=["SEV2"]))
    FlagFactory(version=version, slug="breach", question="Is data at risk?", makes_private=True)
    swap = ShiftSwapFactory(schedule=make_schedule(responder, insider, slug="primary"), asked_by=insider)
    make_policy(rung, slug="last")
    RoleContactFactory(person=rung)
    RoleContactFactory(role="On call", schedule=swap.schedule)
    RoleContactFactory(role="The host", outside="Support, +49 30 000000")
    CalendarFeedFactory(user=rung, prefix="worldfeed", secret=KEY)
    MaintenanceWindowFactory(ref="window01", services=[ServiceFactory()])
    viewer, admin = UserFactory(viewer=True), UserFactory(admin=True)
    for person in (viewer, responder, admin, insider):
        ApiTokenFactory(user=person, prefix=prefix_of(person), scope=TokenScope.CONFIGURE, secret=KEY)
    return World(
        viewer=viewer,
        responder=responder,
        admin=admin,
        insider=insider,
        open=make_story(version, "Pipeline blocks spiking", rung, swap, audience=None),
        private=make_story(
            version, f"The {SECRET} {SOUGHT} leak", rung, swap, audience=AudienceFactory(members=[insider, rung])
        ),
    )


def prefix_of(user: User) -> str:
    """The public part of this person's key."""
    return f"w{user.pk:08d}"


def key_of(user: User) -> str:
    """The whole key of a person of the world; it may do what they may."""
    return f"mst_{prefix_of(user)}_{KEY}"


def make_checklist(incident: Incident, words: str, rung: User) -> None:
    """One item that was passed with a file and one to do, of a policy that everybody may read."""
    phase = PhaseFactory(version=incident.level.version, output="A level and a team")
    PhaseTroubleFactory(phase=phase)
    file = AttachmentFactory(incident=incident, name=f"{words}.png", added_by=rung)
    passed = {"outcome": CheckOutcome.PASSED, "marked_at": NOW, "marked_by": rung, "note": words, "attachment": file}
    ChecklistItemFactory(incident=incident, item__phase=phase, number=1, **passed)
    command = "kubectl logs {service}"
    ChecklistItemFactory(incident=incident, item__phase=phase, item__command=command, number=2)


def make_story(version: LadderVersion, words: str, rung: User, swap: ShiftSwap, *, audience: Any) -> Story:
    """An incident of yesterday that is still being looked into, with everything about it called by `words`."""
    incident = IncidentFactory(
        summary=words,
        level=level_of(version, "SEV2"),
        service=ServiceFactory(),
        audience=audience,
        what_happens=words,
        customers=words,
        symptom=words,
        status=IncidentStatus.IDENTIFIED,
        meeting_at=NOW + timedelta(days=2),
        impact_began_at=NOW - timedelta(minutes=8),
    )
    key, seen = incident.subject_key, {"incident": incident}
    for _ in range(2):
        TimelineEntryFactory(**seen, text=words, author=rung)
    StatusUpdateFactory(**seen, text=words)
    make_checklist(incident, words, rung)
    EntryFileFactory(entry=incident.entries.get(number=1), attachment=incident.attachments.get(), added_by=rung)
    PromiseFactory(**seen, subject=words)
    PromiseFactory(**seen, kind=PromiseKind.POSTMORTEM, subject=words)
    RoleAssignmentFactory(**seen, kind=RoleKind.COMMANDER, user=rung)
    HandoverFactory(**seen, from_user=rung, brief=words)
    IncidentFlagFactory(**seen, flag="breach", name=words)
    IncidentRunbookFactory(**seen, runbook=version.runbooks.get(slug="database"))
    IncidentEscalationFactory(**seen, rule__name=words, rule__policies=["last"])
    page = PageFactory(subject_key=key, subject=words, audience=audience, link=f"/incidents/{incident.reference}/")
    PageAttemptFactory(page=page, user=rung)
    IncomingAnswerFactory(page=page, user=rung, text=words, reply=words)
    MessageFactory(subject_key=key, subject=words, body=words, audience=audience, user=rung)
    postmortem = PostmortemFactory(incident=incident, author=rung)
    for position, section in enumerate(SectionKey):
        SectionFactory(postmortem=postmortem, key=section, position=position, body=words, html=f"<p>{words}</p>")
    ActionItemFactory(postmortem=postmortem, number=1, text=words, owner=rung)
    ReviewFactory(postmortem=postmortem, reviewer=rung)
    return Story(incident=incident, page=page, postmortem=postmortem, rung=rung, swap=swap)
