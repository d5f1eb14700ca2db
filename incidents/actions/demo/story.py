"""The incident that the demo organisation has behind it, told by the same actions that people use.

It is the SEV2 of the pager policy's document: the pipeline blocks good requests for half an hour. What it sends goes
to addresses that nobody has.
"""

from collections.abc import Callable
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
from incidents.actions.composer import post_line
from incidents.actions.declare import declare_incident
from incidents.actions.demo.oncall import local_moment
from incidents.actions.impact import set_impact
from incidents.actions.role import assign_role
from incidents.actions.status import change_status, close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.enums import DataIntegrity, IncidentStatus, RevenueImpact, RoleKind
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
    incident = declare_incident(
        by=mira, now=at(BEGAN), level=level, summary="Pipeline blocks spiking", service=service
    )
    # By a reply to the mail that rang him.
    _answer(incident, by=Actor(user=people["jens"], via=Via.EMAIL), now=at("14:23:48"))
    post_line(incident, by=jens, now=at("14:24:30"), line="14:15 Block rate spike begins (per Grafana)")
    set_impact(incident, by=jens, now=at("14:25:10"), impact_began_at=local_moment(day, "14:15", ZONE), **IMPACT)
    if any(role.kind == RoleKind.SCRIBE for role in level.version.roles.all()):
        assign_role(incident, by=jens, now=at("14:25:40"), role=_scribe(level), user=people["mira"])
    post_line(
        incident, by=tomas, now=at("14:29:05"), line="Identified a regression in detect_injection (commit abc123)"
    )
    change_status(incident, by=jens, now=at("14:29:30"), status=IncidentStatus.IDENTIFIED)
    post_status_update(incident, by=jens, now=at("14:30:15"), text=FIRST_UPDATE)
    post_line(incident, by=jens, now=at("14:34:20"), line="Hotfix PR merged, deploy to prod in flight")
    post_line(incident, by=mira, now=at("14:41:00"), line="Block rate is falling: 18 % → 4 %")
    stop_bleeding(incident, by=jens, now=at("14:44:00"))
    post_status_update(incident, by=jens, now=at("14:45:30"), text=SECOND_UPDATE)
    resolve_incident(incident, by=jens, now=at("14:50:00"))
    close_incident(incident, by=jens, now=at("15:21:00"))
    at("15:25:00")
    incident.refresh_from_db()
    return incident


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


def _scribe(level: Level) -> str:
    return next(role.slug for role in level.version.roles.all() if role.kind == RoleKind.SCRIBE)
