"""The incident that the demo organisation has behind it, told by the same actions that people use.

It is the SEV2 of the pager policy's document: the pipeline blocks good requests for half an hour. What it sends goes
to addresses that nobody has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.actions.proof import confirm_proof, start_proofs
from escalation.actions.page import acknowledge_page
from escalation.models import Page, Service
from incidents.actions.affected_service import set_service_state
from incidents.actions.composer import post_line
from incidents.actions.customer_report import add_report
from incidents.actions.decision import make_decision
from incidents.actions.declare import declare_incident
from incidents.actions.demo.oncall import local_moment
from incidents.actions.demo.scenario import answer_questions, hand_over, work_by_runbook
from incidents.actions.deployment import Said, record_deployment
from incidents.actions.hypothesis import add_hypothesis, change_hypothesis
from incidents.actions.impact import set_impact
from incidents.actions.mitigation import answer_mitigation, start_mitigation
from incidents.actions.role import assign_role
from incidents.actions.status import change_status, close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.actions.task import finish_task, give_task
from incidents.enums import (
    DataIntegrity,
    FlagAsked,
    HypothesisStatus,
    IncidentStatus,
    MitigationOutcome,
    RevenueImpact,
    RoleKind,
    ServiceState,
)
from incidents.models import Incident, Level

ZONE = ZoneInfo("Europe/Berlin")
BEGAN = "14:23:00"
# It is over for so long, at least, when the demo is made: its postmortem is owed, and not late yet.
LONG_AGO = timedelta(hours=20)


def day_of_story(now: datetime) -> date:
    """The newest day whose 14:23 in Berlin was at least twenty hours ago."""
    day = now.astimezone(ZONE).date()
    while now - local_moment(day, BEGAN, ZONE) < LONG_AGO:
        day -= timedelta(days=1)
    return day


@transaction.atomic
def tell_story(people: dict[str, User], *, level: Level, service: Service, day: date) -> Incident:
    """Declare, answer, find, stop, resolve, close, all on `day`; the postmortem is a draft afterwards.

    What was to be sent is handed over at its moment of the story. One transaction: the whole story or nothing.
    """

    def at(clock: str) -> datetime:
        """A moment of the story; what is due by then leaves first."""
        moment = local_moment(day, clock, ZONE)
        deliver_due(now=moment)
        return moment

    jens, mira, tomas = (Actor(user=people[handle], via=Via.WEB) for handle in ("jens", "mira", "tomas"))
    _prove_reach(people["jens"], at)
    release = Said(service, "4.18.0", by="ci", source="ci", external_id="4.18.0")
    record_deployment(release, by=Actor(user=people["tomas"], via=Via.API), now=at("14:12:40"))
    incident = declare_incident(
        by=mira, now=at(BEGAN), level=level, summary="Pipeline blocks spiking", service=service
    )
    cast = Cast(incident, service, jens, mira, tomas, at)
    _look_for_the_cause(cast, day)
    _stop_it(cast)
    at("15:25:00")
    incident.refresh_from_db()
    return incident


@dataclass(frozen=True)
class Cast:
    """Who and what the story is about; `at` is a moment of it, and what is due by then leaves first."""

    incident: Incident
    service: Service
    jens: Actor
    mira: Actor
    tomas: Actor
    at: Callable[[str], datetime]


def _look_for_the_cause(cast: Cast, day: date) -> None:
    """The page is answered, the impact known, a hypothesis confirmed."""
    incident, at, jens, mira, tomas = cast.incident, cast.at, cast.jens, cast.mira, cast.tomas
    # By a reply to the mail that rang him.
    _answer(incident, by=Actor(user=jens.user, via=Via.EMAIL), now=at("14:23:48"))
    post_line(incident, by=jens, now=at("14:24:30"), line="14:15 Block rate spike begins (per Grafana)")
    set_impact(incident, by=jens, now=at("14:25:10"), impact_began_at=local_moment(day, "14:15", ZONE), **IMPACT)
    answer_questions(incident, FlagAsked.TRIAGE, by=jens, now=at("14:25:20"))
    scribe = incident.level.version.roles.filter(kind=RoleKind.SCRIBE).first()
    if scribe and mira.user:
        assign_role(incident, by=jens, now=at("14:25:40"), role=scribe.slug, user=mira.user)
    set_service_state(incident, by=jens, now=at("14:26:00"), service=cast.service, state=ServiceState.DEGRADED)
    work_by_runbook(incident, by=tomas, now=at("14:26:15"), done_at=at("14:26:25"))
    if mira.user:
        give_task(incident, by=jens, now=at("14:26:30"), text="Watch the block rate", owner=mira.user)
    add_hypothesis(incident, by=tomas, now=at("14:27:10"), text=HYPOTHESIS, confidence=70)
    add_report(incident, by=mira, now=at("14:28:00"), note="“Every chat ends in an error”, two customers")
    post_line(
        incident, by=tomas, now=at("14:29:05"), line="Identified a regression in detect_injection (commit abc123)"
    )
    change_hypothesis(incident, by=tomas, now=at("14:29:20"), number=1, status=HypothesisStatus.CONFIRMED)
    change_status(incident, by=jens, now=at("14:29:30"), status=IncidentStatus.IDENTIFIED)
    post_status_update(incident, by=jens, now=at("14:30:15"), text=FIRST_UPDATE)


def _stop_it(cast: Cast) -> None:
    """A decision, a mitigation that works, command handed over, and the end."""
    incident, at, jens, mira, tomas = cast.incident, cast.at, cast.jens, cast.mira, cast.tomas
    make_decision(incident, by=jens, now=at("14:31:00"), text=DECISION, way_back="Roll back to 4.17.3")
    start_mitigation(incident, by=tomas, now=at("14:32:00"), name="Hotfix of the threshold")
    post_line(incident, by=jens, now=at("14:34:20"), line="Hotfix PR merged, deploy to prod in flight")
    post_line(incident, by=mira, now=at("14:41:00"), line="Block rate is falling: 18 % → 4 %")
    answer_mitigation(incident, by=tomas, now=at("14:43:20"), number=1, outcome=MitigationOutcome.EFFECTIVE)
    finish_task(incident, by=mira, now=at("14:43:40"), number=1)
    stop_bleeding(incident, by=jens, now=at("14:44:00"))
    post_status_update(incident, by=jens, now=at("14:45:30"), text=SECOND_UPDATE)
    hand_over(incident, by=jens, to=tomas, now=at("14:47:00"), accepted_at=at("14:47:40"))
    set_service_state(incident, by=tomas, now=at("14:49:30"), service=cast.service, state=ServiceState.OK)
    resolve_incident(incident, by=tomas, now=at("14:50:00"))
    answer_questions(incident, FlagAsked.AFTER, by=tomas, now=at("15:20:20"))
    close_incident(incident, by=tomas, now=at("15:21:00"))


IMPACT: dict[str, Any] = {
    "what_happens": (
        "The pipeline's block rate on prod jumped from about 0.2 % to 18 %. "
        "All agents that use one provider are affected."
    ),
    "customers": "About 12 active, by filtering the audit trail by provider",
    "customers_count": 12,
    "symptom": "Chat completions return 403 with the reason “policy_denied”",
    "data_integrity": DataIntegrity.NONE,
    "revenue": RevenueImpact.NONE,
}
HYPOTHESIS = "The new threshold of detect_injection blocks ordinary requests"
DECISION = "Hotfix, and no roll back: 4.18.0 closes a hole"
FIRST_UPDATE = (
    "A change to the injection detector blocks ordinary requests of one provider. We found it and are rolling out a "
    "corrected threshold."
)
SECOND_UPDATE = "The corrected threshold is live and the block rate is back to normal. We keep watching."


def _prove_reach(user: User, at: Callable[[str], datetime]) -> None:
    """In the morning `user` pages himself and confirms what arrives, so that his page shows dated proofs of reach."""
    proofs = start_proofs(user, by=Actor(user=user, via=Via.WEB), now=at("09:12:00"))
    for proof, clock in zip(proofs, ("09:12:40", "09:13:25"), strict=True):
        confirm_proof(proof, by=Actor(user=user, via=Via.LINK), now=at(clock))


def _answer(incident: Incident, *, by: Actor, now: datetime) -> None:
    for page in Page.objects.about(incident.subject_key).ringing():
        acknowledge_page(page, by=by, now=now)
