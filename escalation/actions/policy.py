"""Change whom to ring in which order. Pages that run keep the policy with which they began."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from accounts.actor import Actor
from core.errors import WrongState
from core.rows import check_row
from escalation.models import Policy, PolicyStep, StepTarget
from escalation.permissions import check_can_configure


@transaction.atomic
def set_policy(policy: Policy, *, by: Actor, now: datetime) -> Policy:
    """Keep `policy`, new or changed. Raises NotAllowed, InvalidInput with the field at fault."""
    check_can_configure(by)
    check_row(policy)
    policy.save()
    return policy


@transaction.atomic
def remove_policy(policy: Policy, *, by: Actor, now: datetime) -> None:
    """Delete `policy` with its steps. Raises NotAllowed, WrongState when a page or a service names it."""
    check_can_configure(by)
    try:
        with transaction.atomic():
            policy.delete()
    except ProtectedError as error:
        raise WrongState("A page or a service names this policy; it stays.") from error


@transaction.atomic
def set_step(step: PolicyStep, *, by: Actor, now: datetime) -> PolicyStep:
    """Keep `step`, new or changed. Raises NotAllowed, InvalidInput with the field at fault."""
    check_can_configure(by)
    check_row(step)
    step.save()
    return step


@transaction.atomic
def remove_step(step: PolicyStep, *, by: Actor, now: datetime) -> None:
    """Take `step` with its targets out of its policy. Raises NotAllowed."""
    check_can_configure(by)
    step.delete()


@transaction.atomic
def set_target(target: StepTarget, *, by: Actor, now: datetime) -> StepTarget:
    """Keep `target`, new or changed. Raises NotAllowed, InvalidInput with the field at fault."""
    check_can_configure(by)
    check_row(target)
    target.save()
    return target


@transaction.atomic
def remove_target(target: StepTarget, *, by: Actor, now: datetime) -> None:
    """Ring `target` no more. Raises NotAllowed."""
    check_can_configure(by)
    target.delete()
