"""Declaring: one commit, everybody rung, nothing half-done."""

import uuid
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from core.errors import InvalidInput, NotAllowed
from escalation.models import Page, Service
from incidents.actions import declare
from incidents.actions.declare import declare_incident
from incidents.enums import CommanderRule, PromiseKind, RoleKind
from incidents.models import Incident, LadderVersion, Level, Promise, TimelineEntry
from incidents.queries.policy import versions
from tests.crowd import at_once
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ReachableUserFactory, SubscriptionFactory
from tests.factories.escalation import (
    PolicyStepFactory,
    ServiceFactory,
    StepTargetFactory,
    make_policy,
    make_schedule,
)
from tests.factories.incidents import LevelFactory, LevelPageFactory, level_of
from tests.factories.policy import apply_preset
from tests.incidents.actions.conftest import texts


def test_a_declared_incident_has_a_reference_with_the_date_in_the_zone_of_the_organisation(
    ladder: LadderVersion, ana: Actor, settings: object
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    late = datetime.fromisoformat("2026-04-17T22:30:00+00:00")

    first = declare_incident(by=ana, now=late, level=level_of(ladder, "SEV2"), summary="  Pipeline\nblocks ")
    second = declare_incident(by=ana, now=late, level=level_of(ladder, "SEV2"), summary="Again")

    assert first.reference == f"INC-20260418-{first.number:04}"
    assert second.number == first.number + 1
    assert first.summary == "Pipeline blocks"


def test_the_groups_of_the_level_are_rung_and_the_timeline_says_so(
    incident: Incident, jens: User, now: datetime
) -> None:
    page = Page.objects.get()
    assert (page.subject_key, page.group, page.level_name) == (incident.subject_key, "primary", "SEV2")
    assert page.subject == "[SEV2] Pipeline blocks spiking"
    assert page.wake_at == now + timedelta(minutes=5)
    assert list(Message.objects.filter(kind=MessageKind.PAGE).values_list("user", flat=True)) == [jens.pk]
    said = texts(incident)
    assert said[0] == "@ana declared SEV2: Pipeline blocks spiking"
    assert "No service was named: the default policy of the ladder" in said[1]
    assert said[2].startswith("Rang primary: @jens")
    assert [entry.number for entry in incident.entries.order_by("number")] == [1, 2, 3]


def test_the_policy_of_the_named_service_is_rung(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    tomas = ReachableUserFactory(handle="tomas")
    service = ServiceFactory(slug="policy-pipeline", policy=make_policy(tomas, slug="pipeline"))

    incident = declare_incident(
        by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Pipeline blocks spiking", service=service
    )

    assert [attempt.user for attempt in Page.objects.get().attempts.all()] == [tomas]
    assert Page.objects.get().subject == "[SEV2] Pipeline blocks spiking · policy-pipeline"
    assert texts(incident)[0] == "@ana declared SEV2: Pipeline blocks spiking · policy-pipeline"


def test_a_group_without_a_policy_is_never_silently_left_out(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    level = LevelFactory(version=ladder, name="SEV9", rank=9)
    LevelPageFactory(level=level, group="founder", policy_from="named", policy="founders")

    incident = declare_incident(by=ana, now=now, level=level, summary="Odd")

    assert Page.objects.count() == 0
    assert texts(incident)[1] == (
        "**Nobody was rung for founder:** there is no escalation policy called “founders”. Page somebody by hand."
    )


def test_what_the_level_owes_is_promised(incident: Incident, now: datetime) -> None:
    assert list(incident.promises.values_list("kind", "due_at", "wake_at")) == [
        (PromiseKind.RESPOND, now + timedelta(minutes=15), now + timedelta(minutes=15)),
        (PromiseKind.STATUS_UPDATE, now + timedelta(minutes=30), now + timedelta(minutes=25)),
    ]


def test_best_effort_promises_no_moment(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    level = LevelFactory(version=ladder, name="SEV9", rank=9, respond_within="best effort")

    declare_incident(by=ana, now=now, level=level, summary="A typo")

    assert Promise.objects.count() == 0


def test_a_thread_is_opened_in_the_standing_channel(incident: Incident) -> None:
    thread = Message.objects.get(kind=MessageKind.THREAD)

    assert (thread.subscription.name, thread.subject) == ("incidents", "[SEV2] Pipeline blocks spiking")
    assert thread.facts["title"] == "[SEV2] Pipeline blocks spiking"


@pytest.mark.parametrize(
    ("rule", "commands"),
    [
        (CommanderRule.DECLARER, "ana"),
        (CommanderRule.ON_CALL, "jens"),
        (CommanderRule.FIRST_ANSWER, None),
        (CommanderRule.NOBODY, None),
    ],
)
def test_the_rule_of_the_level_says_who_commands_at_once(
    ladder: LadderVersion, jens: User, ana: Actor, now: datetime, rule: str, commands: str | None
) -> None:
    make_schedule(jens, slug="platform")
    level = LevelFactory(
        version=ladder,
        name="SEV9",
        rank=9,
        commander_rule=rule,
        commander_schedule="platform" if rule == CommanderRule.ON_CALL else "",
    )

    incident = declare_incident(by=ana, now=now, level=level, summary="Odd")

    held = incident.role_assignments.filter(kind=RoleKind.COMMANDER).values_list("user__handle", flat=True)
    assert list(held) == ([commands] if commands else [])


def test_a_commander_on_call_who_is_not_there_is_said_aloud(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    level = LevelFactory(
        version=ladder, name="SEV9", rank=9, commander_rule=CommanderRule.ON_CALL, commander_schedule="nowhere"
    )

    incident = declare_incident(by=ana, now=now, level=level, summary="Odd")

    assert texts(incident)[-1] == (
        "**Nobody commands yet:** there is no schedule called “nowhere”. Take command in the room."
    )


@pytest.mark.parametrize("summary", ["", "   \n ", "x" * 201, "a\x00b"])
def test_a_summary_that_is_none_changes_nothing(
    ladder: LadderVersion, ana: Actor, now: datetime, summary: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary=summary)

    assert refusal.value.field == "summary"
    assert Incident.objects.count() == Page.objects.count() == 0


def test_everybody_may_declare_but_a_token_that_only_reads(ladder: LadderVersion, now: datetime) -> None:
    viewer = UserFactory(viewer=True)
    level = level_of(ladder, "SEV3")

    declare_incident(by=Actor(user=viewer, via=Via.WEB), now=now, level=level, summary="It is slow")
    with pytest.raises(NotAllowed):
        declare_incident(
            by=Actor(user=viewer, via=Via.API, scope=TokenScope.READ), now=now, level=level, summary="It is slow"
        )

    assert Incident.objects.count() == 1


def test_a_double_press_declares_once(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    key = uuid.uuid4()
    level = level_of(ladder, "SEV2")

    first = declare_incident(by=ana, now=now, level=level, summary="Pipeline", submission_key=key)
    second = declare_incident(by=ana, now=now, level=level, summary="Pipeline", submission_key=key)

    assert first == second
    assert (Incident.objects.count(), Page.objects.count()) == (1, 1)


@pytest.mark.parametrize("broken", ["make_first_promises", "open_thread", "page_groups_of_level"])
def test_a_declaration_that_breaks_half_way_leaves_nothing(
    ladder: LadderVersion, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(declare, broken, fail)

    with pytest.raises(IntegrityError):
        declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Pipeline")

    counts = [model.objects.count() for model in (Incident, Page, Message, Promise, TimelineEntry)]
    assert counts == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("people", [1, 3])
def test_a_whole_declaration_takes_21_statements_however_many_people_it_rings(
    ana: Actor, now: datetime, people: int
) -> None:
    """With its press, its begin and commit, pages, receivers, promises, checklist and thread; the level, its
    version and the service are fetched by the door."""
    named = level_of(apply_preset("pager"), "SEV2")
    SubscriptionFactory(name=named.chat_channel)
    step = PolicyStepFactory()
    for _ in range(people):
        StepTargetFactory(step=step, user=ReachableUserFactory())
    service = Service.objects.get(pk=ServiceFactory(policy=step.policy).pk)
    level = Level.objects.get(pk=named.pk)
    versions({level.version_id})

    with CaptureQueriesContext(connection) as statements:
        incident = declare_incident(
            by=ana, now=now, level=level, summary="Pipeline", service=service, submission_key=uuid.uuid4()
        )

    assert len(statements) == 21
    assert Message.objects.filter(kind=MessageKind.PAGE).count() == people
    assert Message.objects.filter(kind=MessageKind.THREAD).count() == 1
    assert incident.promises.count() == 2
    assert incident.entries.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_declare_at_once_get_two_numbers_without_a_hole(ladder: LadderVersion, now: datetime) -> None:
    people = ActorFactory.create_batch(2)
    level = level_of(ladder, "SEV2")

    declared = at_once(*(partial(declare_incident, by=by, now=now, level=level, summary="Pipeline") for by in people))

    assert sorted(incident.number for incident in declared) == [1, 2]


def test_a_declaration_that_was_rolled_back_leaves_no_hole(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    level = level_of(ladder, "SEV2")
    first = declare_incident(by=ana, now=now, level=level, summary="One")
    with transaction.atomic():
        declare_incident(by=ana, now=now, level=level, summary="Two")
        transaction.set_rollback(True)

    assert declare_incident(by=ana, now=now, level=level, summary="Three").number == first.number + 1
