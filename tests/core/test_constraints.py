"""Constraints that several models share, asked of the database."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.constraints import one_of, paired
from escalation.enums import TargetKind
from escalation.models import Override, Page, StepTarget
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.escalation import OverrideFactory, PageFactory, PolicyStepFactory

pytestmark = pytest.mark.django_db


def test_a_pair_is_set_together_or_not_at_all(now):
    override, person = OverrideFactory(), UserFactory()

    for half in ({"cancelled_at": now}, {"cancelled_by": person}):
        with pytest.raises(IntegrityError, match="override_cancelled_at_paired"), transaction.atomic():
            Override.objects.filter(pk=override.pk).update(**half)
    Override.objects.filter(pk=override.pk).update(cancelled_at=now, cancelled_by=person)
    Override.objects.filter(pk=override.pk).update(cancelled_at=None, cancelled_by=None)

    assert Override.objects.filter(pk=override.pk, cancelled_at=None, cancelled_by=None).count() == 1


def test_a_pair_is_named_after_its_model_and_its_first_field():
    assert paired("page", "acknowledged_at", "acknowledged_by").name == "page_acknowledged_at_paired"


def test_a_triple_is_set_together_or_not_at_all(now):
    triple = paired("page", "acknowledged_at", "acknowledged_by", "stopped_at")
    person = UserFactory()

    triple.validate(Page, PageFactory.build())
    triple.validate(Page, PageFactory.build(acknowledged_at=now, acknowledged_by=person, stopped_at=now))
    for part in ({"acknowledged_at": now}, {"acknowledged_at": now, "acknowledged_by": person}):
        with pytest.raises(ValidationError):
            triple.validate(Page, PageFactory.build(**part))


def test_one_of_takes_exactly_one():
    constraint = one_of("steptarget", "aims_at_one", "user", "team")
    step, person, team = PolicyStepFactory(), UserFactory(), TeamFactory()

    def check(**named: object) -> None:
        constraint.validate(StepTarget, StepTarget(step=step, kind=TargetKind.PERSON, **named))

    assert constraint.name == "steptarget_aims_at_one"
    check(user=person)
    check(team=team)
    for wrong in ({}, {"user": person, "team": team}):
        with pytest.raises(ValidationError):
            check(**wrong)


def test_a_page_that_rings_always_has_a_next_moment(now):
    with pytest.raises(IntegrityError, match="page_ringing_wakes_again"), transaction.atomic():
        PageFactory(wake_at=None)

    assert PageFactory().wake_at == now + timedelta(minutes=5)
