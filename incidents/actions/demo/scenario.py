"""What the demo organisation has added to its policy, a runbook and two flags, and how the story uses them."""

from datetime import datetime

from accounts.actor import Actor
from incidents.actions.checklist.check import tick_item
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.handover import accept_handover, offer_handover
from incidents.actions.runbook import take_up_runbook
from incidents.enums import FlagAsked, RoleKind
from incidents.models import Incident

RUNBOOK = "pipeline-blocks"
ADDED = f"""
runbooks:
  - slug: {RUNBOOK}
    name: The pipeline blocks good requests
    symptoms: Chats end with “policy_denied”, and the block rate is above its daily band.
    services: [policy-pipeline]
    customers: Nothing was lost; a request that was blocked can be sent again.
    actions:
      - text: Compare the block rate by provider and by rule
      - text: Look at what was deployed in the last two hours
      - text: Raise the threshold of the rule that blocks most, for an hour at most

flags:
  - slug: data-at-risk
    name: Data at risk
    question: Is data at risk?
    makes_private: yes
  - slug: new-failure
    name: A new way to fail
    question: Is this a failure that we had never seen before?
    asked: after
    is_new_failure: yes
"""


def answer_questions(incident: Incident, asked: FlagAsked, *, by: Actor, now: datetime) -> None:
    """What the policy asks at this time: no, data is not at risk; yes, the failure was new."""
    for flag in incident.level.version.flags.filter(asked=asked).exclude(question=""):
        answer = raise_flag if flag.is_new_failure else lower_flag
        answer(incident, by=by, now=now, flag=flag.slug)


def work_by_runbook(incident: Incident, *, by: Actor, now: datetime, done_at: datetime) -> None:
    """Take up the runbook, where the policy has it, and tick the first two things that it asks."""
    if not incident.level.version.runbooks.filter(slug=RUNBOOK).exists():
        return
    take_up_runbook(incident, by=by, now=now, runbook=RUNBOOK)
    items = incident.checklist.filter(action__runbook__slug=RUNBOOK).order_by("number")
    for item in items[:2]:
        tick_item(incident, by=by, now=done_at, number=item.number)


def hand_over(incident: Incident, *, by: Actor, to: Actor, now: datetime, accepted_at: datetime) -> None:
    """Whoever commands offers it, and the other accepts."""
    role = incident.level.version.roles.filter(kind=RoleKind.COMMANDER).first()
    if role and to.user and incident.commander == by.user:
        offer = offer_handover(incident, by=by, now=now, role=role.slug, to=to.user)
        accept_handover(offer, by=to, now=accepted_at)
