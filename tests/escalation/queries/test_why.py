"""Why somebody was told, or was not, from rows that the engine wrote."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from comms.enums import DeliveryOutcome, MessageStatus, Report, Transport
from comms.models import Message
from escalation.actions.maintenance import end_maintenance
from escalation.actions.page import acknowledge_page, advance_due_pages, stop_pages
from escalation.enums import OverrideKind
from escalation.models import Override, Page, PageAttempt
from escalation.queries.why import people_asked_about, why
from tests.escalation.story import MINUTE, by, start
from tests.factories import NOW
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, DeliveryFactory, ReachableUserFactory
from tests.factories.escalation import (
    MaintenanceWindowFactory,
    OverrideFactory,
    PolicyFactory,
    PolicyStepFactory,
    ServiceFactory,
    StepTargetFactory,
    make_policy,
    make_schedule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return ReachableUserFactory(handle="ana")


@pytest.fixture
def ben() -> User:
    return ReachableUserFactory(handle="ben")


def page_on_call(*people: User, **override: Any) -> Page:
    """A page that rings who is on call in a schedule of `people`, with one override where one is given."""
    schedule = make_schedule(*people, name="Primary")
    if override:
        OverrideFactory(schedule=schedule, created_by=UserFactory(handle="boss"), reason="Dentist", **override)
    policy = PolicyFactory(name="Chain")
    StepTargetFactory(step=PolicyStepFactory(policy=policy), on_call=schedule)
    return start(policy=policy)


def send(user: User, **report: Any) -> None:
    """All that waits for `user` is handed over a second later."""
    for message in Message.objects.filter(user=user):
        message.status, message.sent_at = MessageStatus.SENT, NOW + timedelta(seconds=1)
        message.save()
        DeliveryFactory(message=message, detail="250 ok", **report)


def said(page: Page, user: User) -> str:
    page.refresh_from_db()
    return why(page, user).sentence


def test_whoever_was_told_hears_by_what_and_when_with_layer_rule_and_delivery(ana: User) -> None:
    page = page_on_call(ana)
    send(ana)

    found = why(page, ana)

    assert found.sentence == "Yes, @ana was told by Email at 2026-04-18 12:23 UTC."
    assert [(one.kind, one.words) for one in found.evidence] == [
        ("Page", "A page of platform primary began with the policy Chain as it was then, started by Muster."),
        ("Step", "Step 1: @ana rung: on call in Primary, layer Weekly."),
        ("Message", "Email was written, standard urgent chain, at once."),
        ("Delivery", "Email, attempt 1: handed over: 250 ok."),
    ]


def test_what_was_handed_over_and_did_not_arrive_is_said(ana: User) -> None:
    page = page_on_call(ana)
    send(ana, report=Report.FAILED, report_detail="30003 unreachable", reported_at=NOW + MINUTE)

    assert said(page, ana).endswith("but the provider says that it did not arrive.")


def test_whoever_was_covered_hears_by_whom_and_who_made_the_override(ana: User, ben: User) -> None:
    page = page_on_call(ana, kind=OverrideKind.COVER, user=ben)
    send(ben)

    assert said(page, ana) == (
        "No, @ana was not rung: @ben stood in their place by an override of @boss (Dentist) (on call in Primary)."
    )
    words = [one.words for one in why(page, ben).evidence]
    assert "Step 1: @ben rung: on call in Primary, layer Weekly, by an override of @boss (Dentist)." in words
    assert people_asked_about(page) == [ana, ben]


def test_whoever_was_taken_off_hears_that_nobody_stood_in(ana: User) -> None:
    page = page_on_call(ana, kind=OverrideKind.REMOVE, user=None, replaced=ana)

    assert said(page, ana) == (
        "No, @ana was not rung: they were taken off and nobody stood in by an override of @boss (Dentist) "
        "(on call in Primary)."
    )


def test_what_the_schedule_says_later_changes_no_answer(ana: User, ben: User) -> None:
    page = page_on_call(ana, kind=OverrideKind.COVER, user=ben)
    before = said(page, ana)

    Override.objects.update(user=ana, reason="Changed afterwards", starts_at=NOW - timedelta(days=9))
    PageAttempt.objects.all().update(source="on call in Primary")

    assert said(page, ana) == before.replace("Dentist", "Changed afterwards")


def test_whoever_was_rung_and_not_reached_hears_why_nothing_left(ana: User) -> None:
    page = start(policy=make_policy(ana))
    Message.objects.update(status=MessageStatus.NOT_SENT, not_sent_reason="@ben has answered.")

    assert said(page, ana) == "No: @ana was rung at 2026-04-18 12:23 UTC, but nothing left. @ben has answered."


def test_what_still_waits_is_said_with_its_moment_and_what_holds_it(ana: User) -> None:
    page = start(policy=make_policy(ana))
    Message.objects.update(held_reason="Held: at most 1 in 1 min to one address.", deliver_after=NOW + MINUTE)

    assert said(page, ana) == (
        "Not yet: @ana was rung at 2026-04-18 12:23 UTC, and Email is due at 2026-04-18 12:24 UTC. "
        "Held: at most 1 in 1 min to one address."
    )


def test_whoever_has_no_way_to_be_reached_hears_so() -> None:
    mute = UserFactory(handle="mute")
    page = start(policy=make_policy(mute))

    assert said(page, mute) == (
        "No, @mute was not rung: has no way to be reached (named in the step: no contact point that is switched on)."
    )


def test_whoever_no_step_named_hears_what_ended_it(ana: User, ben: User) -> None:
    page = start(policy=make_policy(ana, ben))
    assert said(page, ben) == "No, @ben was not rung: no step that was rung so far named them."

    acknowledge_page(page, by=by(ana), now=NOW + MINUTE)

    assert said(page, ben) == "No, @ben was not rung: no step that was rung named them before @ana answered."
    assert [one.words for one in why(page, ben).evidence][-1] == "@ana is on it, by web."


def test_whoever_answered_is_not_rung_by_the_next_step_and_hears_so(ana: User, ben: User) -> None:
    page = start(policy=make_policy(ben, ana))
    acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 30 * MINUTE)
    advance_due_pages(now=NOW + 5 * MINUTE)

    assert said(page, ana) == "No, @ana was not rung: had answered before (named in the step)."


def test_what_maintenance_holds_is_said(ana: User) -> None:
    service = ServiceFactory(name="Search")
    MaintenanceWindowFactory(services=[service])
    page = start(policy=make_policy(ana), service=service, by_machine=True)

    found = why(page, ana)

    assert found.sentence == (
        "No, @ana was not rung: maintenance of Search holds the page, and no step has been rung."
    )
    assert found.evidence[1].words == "Maintenance of Search held it until 2026-04-18 13:23 UTC."


def test_every_hold_says_when_until_when_and_when_it_went_on(ana: User, ben: User) -> None:
    service = ServiceFactory(name="Search")
    MaintenanceWindowFactory(services=[service])
    page = start(policy=make_policy(ana, ben), service=service, by_machine=True)
    hour = 60 * MINUTE
    MaintenanceWindowFactory(services=[service], starts_at=NOW + hour, ends_at=NOW + 2 * hour)
    advance_due_pages(now=NOW + hour)
    advance_due_pages(now=NOW + 2 * hour)

    assert list(page.holds.values_list("held_at", "until", "released_at")) == [
        (NOW, NOW + hour, NOW + hour),
        (NOW + hour, NOW + 2 * hour, NOW + 2 * hour),
    ]
    page.refresh_from_db()
    assert [(one.at, one.words) for one in why(page, ben).evidence if one.kind == "Maintenance"] == [
        (NOW, "Maintenance of Search held it until 2026-04-18 13:23 UTC."),
        (NOW + hour, "Maintenance held it no more, and it went on."),
        (NOW + hour, "Maintenance of Search held it until 2026-04-18 14:23 UTC."),
        (NOW + 2 * hour, "Maintenance held it no more, and it went on."),
    ]


def test_steps_held_while_it_rang_and_let_go_early_have_their_moments(ana: User, ben: User) -> None:
    service = ServiceFactory(name="Search")
    page = start(policy=make_policy(ana, ben), service=service, by_machine=True)
    window = MaintenanceWindowFactory(services=[service], starts_at=NOW + MINUTE, ends_at=NOW + 60 * MINUTE)
    advance_due_pages(now=NOW + 5 * MINUTE)
    end_maintenance(window, by=ActorFactory(), now=NOW + 20 * MINUTE)
    advance_due_pages(now=NOW + 20 * MINUTE)

    assert list(page.holds.values_list("held_at", "until", "released_at")) == [
        (NOW + 5 * MINUTE, NOW + 60 * MINUTE, NOW + 20 * MINUTE)
    ]
    assert [attempt.at for attempt in page.attempts.filter(user=ben)] == [NOW + 20 * MINUTE]


def test_what_was_withdrawn_says_when_and_so_does_the_end_of_the_page(ana: User) -> None:
    page = start(policy=make_policy(ana))
    stop_pages(page.subject_key, by=by(ana), now=NOW + MINUTE, reason="it is resolved")

    page.refresh_from_db()
    assert [(one.at, one.words) for one in why(page, ana).evidence][-3:] == [
        (NOW, "Email was written, standard urgent chain, at once."),
        (NOW + MINUTE, "Email was not sent: The page was stopped: it is resolved"),
        (NOW + MINUTE, "The page was stopped: it is resolved."),
    ]


def test_each_message_keeps_the_rule_that_wanted_it(ana: User) -> None:
    point = ana.contact_points.get()
    for seconds in (0, 120):
        ContactRuleFactory(contact_point=point, after_seconds=seconds)
    off = ContactPointFactory(user=ana, transport=Transport.SMS, address="+491700000001", is_enabled=False)
    ContactRuleFactory(contact_point=off, after_seconds=60)

    page = start(policy=make_policy(ana))

    assert [one.words for one in why(page, ana).evidence if one.kind == "Message"] == [
        "Email was written, own urgent chain, at once.",
        "Email was written, own urgent chain, 2 min after.",
        "SMS was written, own urgent chain, 1 min after. It was not sent: SMS (+491700000001) is switched off.",
    ]


def test_a_failed_attempt_says_what_the_other_side_said(ana: User) -> None:
    page = start(policy=make_policy(ana))
    DeliveryFactory(message=Message.objects.get(), outcome=DeliveryOutcome.FAILED, detail="connection refused")

    assert [one.words for one in why(page, ana).evidence][-1] == "Email, attempt 1: failed: connection refused."


def test_it_takes_as_many_queries_for_three_steps_as_for_one(ana: User, django_assert_num_queries: Any) -> None:
    pages = [start(policy=make_policy(*([ana] * count), wait_seconds=0), subject_key=f"t:{count}") for count in (1, 3)]
    for page in pages:
        advance_due_pages(now=NOW + MINUTE)
        page = Page.objects.select_related("policy", "service", "started_by", "acknowledged_by").get(pk=page.pk)
        with django_assert_num_queries(6):
            why(page, ana)
