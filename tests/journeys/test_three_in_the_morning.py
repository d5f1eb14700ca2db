"""The rules of safety for three in the morning, by their numbers, played from declared incidents."""

from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageKind, MessageStatus, Transport
from comms.intake.text import IncomingText
from comms.models import Message
from comms.signals import message_delivered
from comms.transports.envelope import DISCREET, envelope_of
from core.errors import InvalidInput, WrongState
from core.signals import announce
from escalation.actions.incoming import take_text
from escalation.actions.maintenance import start_maintenance
from escalation.actions.page import acknowledge_page, decline_page
from escalation.enums import PageStatus
from escalation.links import sign_answer
from escalation.models import Policy
from incidents.actions.composer import post_line
from incidents.actions.flag import raise_flag
from incidents.actions.paging import page_people
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.public_word import tell_public
from incidents.actions.severity import change_level, settle_due_changes
from incidents.actions.status_update import post_status_update
from incidents.actions.timeline import add_entry
from incidents.enums import PromiseKind
from incidents.models import Promise
from tests.factories import NOW
from tests.factories.comms import ContactPointFactory, ContactRuleFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import DutyFactory
from tests.factories.ladder import FlagFactory
from tests.journeys.night import MINUTE, Night, by, page_of, rung, sweep

pytestmark = pytest.mark.django_db
CANNOT = {"answer": "cannot"}


def test_1_a_founders_tap_never_silences_the_platform_team(night: Night) -> None:
    incident = night.declare(night.sev1)

    acknowledge_page(page_of(incident, "founders"), by=by(night.founder), now=NOW + MINUTE)
    sweep(5)

    assert page_of(incident, "platform").status == PageStatus.RINGING
    assert rung(incident) == [(0, "jens"), (0, "fin"), (5, "mira")]


def test_2_in_thirty_minutes_is_thanked_and_tells_the_next_person_and_cannot_tells_them_now(night: Night) -> None:
    late, cannot = night.declare(night.sev2), night.declare(night.sev2, "Another")

    acknowledge_page(page_of(late, "platform"), by=by(night.jens), now=NOW + MINUTE, arrives_at=NOW + 31 * MINUTE)
    decline_page(page_of(cannot, "platform"), by=by(night.jens), now=NOW + 2 * MINUTE)

    assert rung(late) == [(0, "jens"), (1, "mira")]
    assert rung(cannot) == [(0, "jens"), (2, "mira")]


def test_3_a_raise_a_page_by_hand_and_another_incident_ring_whoever_answered_before(night: Night) -> None:
    incident = night.declare(night.sev2)
    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW + MINUTE)

    change_level(incident, by=by(night.mira), now=NOW + 2 * MINUTE, level=night.sev1)
    settle_due_changes(now=NOW + 3 * MINUTE)
    page_people(incident, by=by(night.mira), now=NOW + 4 * MINUTE, people=[night.jens])
    other = night.declare(night.sev2, "Another")

    assert rung(incident) == [(0, "jens"), (3, "jens"), (3, "fin"), (4, "jens")]
    assert rung(other) == [(0, "jens")]


def test_3_the_same_page_rings_nobody_twice_who_answered_it(night: Night) -> None:
    Policy.objects.filter(slug="platform").update(answers_needed=2, repeats=1)
    incident = night.declare(night.sev2)

    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW + MINUTE)
    sweep(5, 10, 15)

    assert rung(incident) == [(0, "jens"), (5, "mira"), (10, "mira")]


def test_4_maintenance_holds_new_pages_of_machines_about_its_services_and_nothing_else(night: Night) -> None:
    service, other = ServiceFactory(), ServiceFactory()
    ringing = night.declare(night.sev2, service=service)
    with pytest.raises(InvalidInput, match="4 h"):
        start_maintenance([service], by=by(night.mira), now=NOW, reason="Moving", lasts=241 * MINUTE)
    start_maintenance([service], by=by(night.mira), now=NOW, reason="Moving", lasts=240 * MINUTE)

    by_machine = night.declare(night.sev2, "By a machine", service=service)
    by_person = night.declare(night.sev2, "By a person", by=by(night.mira), service=service)
    of_another = night.declare(night.sev2, "Another service", service=other)

    assert [rung(one) for one in (ringing, by_person, of_another)] == [[(0, "jens")]] * 3
    assert rung(by_machine) == []
    sweep(239, 240)
    assert rung(by_machine) == [(240, "jens")]


def test_5_throttles_and_bundles_touch_repeats_only_and_what_is_blocked_passes_to_the_next_channel(
    night: Night, mailoutbox: list[Any]
) -> None:
    late = ContactPointFactory(user=night.jens, address="late@example.org")
    ContactRuleFactory(contact_point=night.jens.contact_points.get(address="jens@example.org"))
    ContactRuleFactory(contact_point=late, after_seconds=120)
    fires = [night.declare(night.sev2, f"Fire {number}") for number in range(20)]

    deliver_due(now=NOW)
    firsts = [mail.subject for mail in mailoutbox]
    deliver_due(now=NOW + 2 * MINUTE)

    assert sorted(firsts) == sorted(fire.headline for fire in fires)
    assert [mail.to for mail in mailoutbox[len(fires) :]] == [["late@example.org"]]
    assert set(Message.objects.filter(address="late@example.org", bundled_into=None).values_list("status")) == {
        (MessageStatus.SENT,)
    }


def test_6_an_exhausted_chain_starts_again_on_all_channels_until_somebody_answers_and_is_red(night: Night) -> None:
    call = ContactPointFactory(user=night.jens, transport="voice", address="+4930123456")
    ContactRuleFactory(contact_point=call, after_seconds=600)
    ContactRuleFactory(contact_point=night.jens.contact_points.get(transport="email"))
    incident = night.declare(night.sev2)
    sweep(5, 10, 15)

    assert rung(incident) == [(0, "jens"), (5, "mira"), (15, "jens")]
    assert page_of(incident, "platform").status == PageStatus.EXHAUSTED
    waits = Message.objects.filter(user=night.jens, kind="page").order_by("created_at", "deliver_after", "pk")
    delays = [(row.transport, (row.deliver_after - row.created_at) // MINUTE) for row in waits]
    assert delays == [("email", 0), ("voice", 10), ("email", 0), ("voice", 0)]
    promise = Promise.objects.get(kind="answer")
    assert (promise.incident, promise.broken_at, promise.kept_at) == (incident, NOW + 10 * MINUTE, None)

    acknowledge_page(page_of(incident, "platform"), by=by(night.mira), now=NOW + 16 * MINUTE)
    sweep(20, 25)

    assert len(rung(incident)) == 3
    promise.refresh_from_db()
    assert promise.kept_at == NOW + 16 * MINUTE


def test_7_whoever_becomes_commander_is_told_so_where_they_are_reached(night: Night) -> None:
    incident = night.declare(night.sev2)

    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW + MINUTE)

    incident.refresh_from_db()
    assert incident.commander == night.jens
    said = Message.objects.filter(user=night.jens).exclude(kind="page").values_list("body", flat=True)
    assert any("You command" in body for body in said), list(said)


@time_machine.travel(NOW + MINUTE, tick=False)
def test_8_the_signed_link_answers_reads_and_notes_without_a_sign_in_and_everything_else_asks_for_one(
    night: Night, client: Client
) -> None:
    incident, other = night.declare(night.sev2), night.declare(night.sev2, "Another")
    token = sign_answer(page_of(incident, "platform"), night.jens)
    answer = reverse("escalation:answer-link", args=[token])
    own = reverse("incidents:incident-answered", args=[incident.reference, token])

    client.post(answer, {"answer": "5"})
    client.post(own + "note", {"text": "The dashboards are red"})
    client.post(reverse("escalation:answer-link", args=[sign_answer(page_of(other, "platform"), night.jens)]), CANNOT)

    assert page_of(incident, "platform").answers.get().arrives_at == NOW + 6 * MINUTE
    assert rung(other) == [(0, "jens"), (1, "mira")]
    assert incident.headline in client.get(own).content.decode()
    assert incident.entries.get(kind="note").author == night.jens
    for closed in (incident.get_absolute_url(), reverse("incidents:board"), reverse("incidents:me-detail")):
        assert client.get(closed)["Location"].startswith(resolve_url(settings.LOGIN_URL))


def test_9_nobody_waits_for_an_approver_and_a_promise_is_kept_when_the_words_arrived(night: Night) -> None:
    incident = night.declare(night.loud_level())
    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW)
    assert Message.objects.get(kind=MessageKind.THREAD).status == MessageStatus.WAITING

    tell_public(incident, by=by(night.jens), now=NOW + MINUTE, text="We look into it")
    post_status_update(incident, by=by(night.jens), now=NOW + 2 * MINUTE, text="We look into it")

    told = incident.status_updates.get(public_text="We look into it")
    assert (told.posted_by, told.told_public_at, told.entry.author) == (night.jens, NOW + MINUTE, night.jens)
    promise = incident.promises.get(kind=PromiseKind.STATUS_UPDATE, done_at__isnull=False)
    assert (promise.done_at, promise.kept_at) == (NOW + 2 * MINUTE, None)
    sent = Message.objects.get(kind=MessageKind.STATUS_UPDATE)
    Message.objects.filter(pk=sent.pk).update(status=MessageStatus.SENT, sent_at=NOW + 3 * MINUTE)
    announce(message_delivered, Message, message=sent, now=NOW + 3 * MINUTE)
    promise.refresh_from_db()
    assert promise.kept_at == NOW + 3 * MINUTE


def test_10_a_breach_freezes_what_has_not_left_and_strips_pushes_and_texts(night: Night) -> None:
    FlagFactory(version=night.version, slug="breach", name="Breach suspected", makes_private=True)
    ContactPointFactory(user=night.jens, transport=Transport.SMS, address="+4930123456")
    incident = night.declare(night.loud_level(), "The audit log leaks")
    post_status_update(incident, by=by(night.jens), now=NOW, text="Tokens are readable")

    raise_flag(incident, by=by(night.jens), now=NOW + MINUTE, flag="breach")

    to_channel = Message.objects.filter(user=None)
    assert set(to_channel.values_list("kind", "status", "not_sent_at")) == {
        (kind, MessageStatus.NOT_SENT, NOW + MINUTE) for kind in (MessageKind.THREAD, MessageKind.STATUS_UPDATE)
    }
    text = envelope_of(Message.objects.get(transport=Transport.SMS), NOW + MINUTE)
    assert (text.subject, text.body) == (DISCREET, "")
    with pytest.raises(WrongState, match="is private"):
        tell_public(incident, by=by(night.jens), now=NOW + MINUTE, text="Tokens are readable")


def test_11_a_silent_commander_is_asked_first_and_nobody_is_rung_anew_while_a_responder_acts(night: Night) -> None:
    incident = night.declare(night.sev2)
    acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW)

    add_entry(incident, by=by(night.mira), now=NOW + 20 * MINUTE, text="The lag is going down")
    sweep(30, 45)
    assert rung(incident) == [(0, "jens")]
    assert Message.objects.filter(kind="nudge", user=night.jens, dedup_key__startswith="nudge:").count() == 0
    sweep(50)
    assert Message.objects.filter(kind="nudge", user=night.jens, dedup_key__startswith="nudge:").count() == 1
    assert rung(incident) == [(0, "jens")]
    sweep(65)

    assert rung(incident) == [(0, "jens"), (65, "jens")]
    last = incident.entries.filter(facts__event="lapsed").get()
    assert last.text.startswith("**@jens answered platform and nothing was heard since:**")


def test_12_any_message_begins_with_level_summary_and_service_and_a_bare_ack_answers_the_one_page_that_rings(
    night: Night,
) -> None:
    number = "+491701234567"
    ContactPointFactory(user=night.jens, transport=Transport.SMS, address=number)
    service = ServiceFactory(slug="policy-pipeline")
    incident = night.declare(night.sev2, "The pipeline blocks " + "each request " * 10, service=service)
    page_people(incident, by=by(night.jens), now=NOW, people=[night.mira])

    heads = {message.subject for message in Message.objects.filter(subject_key=incident.subject_key)}
    assert heads == {incident.headline}
    assert len(incident.headline) == 100
    assert incident.headline.startswith("[SEV2] The pipeline blocks each request ")
    assert incident.headline.endswith("… · policy-pipeline")

    take_text(IncomingText("sms:1", number, "ack"), now=NOW + MINUTE)

    assert page_of(incident, "platform").acknowledged_by == night.jens


@time_machine.travel(NOW, tick=False)
def test_13_a_clock_is_the_nearest_past_moment_in_the_writers_zone_shown_before_it_settles(
    night: Night, client: Client
) -> None:
    User.objects.filter(pk=night.jens.pk).update(time_zone="Europe/Berlin")
    night.jens.refresh_from_db()
    incident = night.declare(night.sev2)
    asks = reverse("incidents:composer-completions", args=[incident.reference])
    client.force_login(night.jens)

    for clock, shown, happened in (
        ("14:15", "2026-04-18 14:15 CEST", NOW - 8 * MINUTE),
        ("14:25", "2026-04-17 14:25 CEST", NOW + 2 * MINUTE - 24 * 60 * MINUTE),
    ):
        assert shown in client.get(asks, {"line": f"{clock} it climbs"}).content.decode()
        post_line(incident, by=Actor(night.jens), now=NOW, line=f"{clock} it climbs")
        assert incident.entries.latest("number").happened_at == happened
    with pytest.raises(InvalidInput, match="has not come yet"):
        add_entry(incident, by=Actor(night.jens), now=NOW, text="It climbs", happened_at=NOW + MINUTE)


def test_14_a_late_promise_pushes_and_mails_and_calls_only_where_the_level_says_so(night: Night) -> None:
    for transport, address in ((Transport.VOICE, "+4930123456"), (Transport.SMS, "+4930123456")):
        ContactPointFactory(user=night.jens, transport=transport, address=address)
    DutyFactory(level=night.sev2, within="15 min")
    DutyFactory(level=night.sev1, within="15 min", escalate_policy="platform", escalate_after="5 min")
    low, high = night.declare(night.sev2), night.declare(night.sev1)
    for incident in (low, high):
        acknowledge_page(page_of(incident, "platform"), by=by(night.jens), now=NOW)

    for minute in (15, 20, 25):
        sweep_promises(now=NOW + minute * MINUTE)

    late = Message.objects.filter(created_at__gte=NOW + 15 * MINUTE)
    assert set(late.filter(subject_key=low.subject_key).values_list("kind", "transport")) == {
        (MessageKind.BROKEN_PROMISE, Transport.EMAIL)
    }
    assert set(late.filter(subject_key=high.subject_key).values_list("kind", "transport")) == {
        (MessageKind.BROKEN_PROMISE, Transport.EMAIL),
        *((MessageKind.PAGE, transport) for transport in (Transport.EMAIL, Transport.SMS, Transport.VOICE)),
    }
