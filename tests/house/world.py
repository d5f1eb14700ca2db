"""A small organisation in which every address of Muster leads somewhere: in the open, in private, and in an incident
that was open to all, had to do with others, and was then made private.

All texts of the private ones hold SECRET, so that whatever leaks can be found by looking for one word.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import User
from comms.enums import Transport
from comms.links import sign_proof
from comms.models import ContactRule, ReachProof
from escalation.actions.incoming import keep_answer, settle_answer
from escalation.links import sign_answer
from escalation.models import Page, ShiftSwap
from incidents.actions.audience import make_private
from incidents.actions.decision import make_decision
from incidents.actions.digest import settle_morning
from incidents.actions.handover import offer_handover
from incidents.actions.hypothesis import add_hypothesis
from incidents.actions.link import link_incidents, merge_incident
from incidents.actions.note import post_note
from incidents.actions.public_word import tell_public
from incidents.actions.responder import join_incident
from incidents.actions.status_update import post_status_update
from incidents.actions.sub_team import set_sub_team
from incidents.actions.task import give_task
from incidents.enums import CheckOutcome, IncidentStatus, PromiseKind, Relation, RoleKind
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
from tests.factories.people import DigestFactory, HandoverFactory
from tests.factories.postmortems import ActionItemFactory, PostmortemFactory, ReviewFactory, SectionFactory
from tests.factories.scenario import IncidentEscalationFactory, IncidentFlagFactory, IncidentRunbookFactory

SECRET = "quagga"
KEY = "0123456789abcdef0123456789abcdef"
PHONE = "+491700000001"
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
    """The people, and the stories: `duplicate` was merged into `hidden` and `open` is linked with it, both public."""

    viewer: User
    responder: User
    admin: User
    insider: User
    open: Story
    private: Story
    hidden: Story
    duplicate: Story


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
    words, members = f"The {SECRET} {SOUGHT} flood", AudienceFactory(members=[insider, rung])
    in_the_open = make_story(version, "Pipeline blocks spiking", rung, swap, audience=None)
    private = make_story(version, f"The {SECRET} {SOUGHT} leak", rung, swap, audience=members)
    hidden = make_story(version, words, rung, swap, audience=None)
    twin = IncidentFactory(summary="Blocks once more", level=hidden.incident.level, declared_at=NOW)
    AttachmentFactory(incident=twin, added_by=rung)
    make_known(hidden, words, other=in_the_open.incident, twin=twin, insider=insider)
    make_private(hidden.incident, by=Actor(rung), now=NOW + timedelta(minutes=4), reason=words)
    return World(
        viewer=viewer,
        responder=responder,
        admin=admin,
        insider=insider,
        open=in_the_open,
        private=private,
        hidden=hidden,
        duplicate=replace(in_the_open, incident=twin),
    )


def make_known(story: Story, words: str, *, other: Incident, twin: Incident, insider: User) -> None:
    """Let everybody hear of an open incident in every way there is: `other` is linked, `twin` is merged into it."""
    incident, by, now = story.incident, Actor(story.rung), NOW + timedelta(minutes=2)
    tell_public(incident, by=by, now=now, text=words)
    post_status_update(incident, by=by, now=now, text=words, impact=words, action=words)
    link_incidents(incident, by=by, now=now, to=other, relation=Relation.RELATED)
    link_incidents(other, by=by, now=now, to=incident, relation=Relation.CAUSED_BY)
    merge_incident(twin, by=by, now=now, into=incident)
    join_incident(incident, by=Actor(insider), now=now)
    set_sub_team(incident, by=by, now=now, name=SECRET, people=[insider, story.rung])
    give_task(incident, by=by, now=now, text=words, owner=insider, due_at=now + timedelta(minutes=1))
    add_hypothesis(incident, by=by, now=now, text=words)
    make_decision(incident, by=by, now=now, text=words)
    post_note(incident, by=by, now=now, text=words)
    offer_handover(other, by=by, now=now, role="commander", to=insider)
    ContactPointFactory(user=story.rung, transport=Transport.SMS, address=PHONE)
    settle_answer(keep_answer("unclear", now=now, via=Via.SMS, sender=PHONE, text="hm"), now=now, by_message=True)
    settle_morning(DigestFactory(user=story.rung, wake_at=NOW).pk, now=now)


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
