"""Document 001, played: “Checkout p99 elevated in eu-frankfurt”, SEV2, in a night when nobody wakes up at first.

Times are Berlin wall time on Thursday, 14 May 2026.
"""

from datetime import date, datetime

import pytest

from comms.enums import MessageKind
from escalation.actions.page import acknowledge_page
from escalation.models import Page
from incidents.actions.flag import raise_flag
from incidents.actions.status import resolve_incident
from incidents.actions.status_update import post_status_update
from incidents.enums import ChatMode, PromiseKind
from postmortems.models import Postmortem
from tests.factories.policy import preset_text
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import Stage, moment, owed, page_of, roles, rung, set_stage, tick, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
SUMMARY = "Checkout p99 elevated in eu-frankfurt"


def at(clock: str, day: int = 14) -> datetime:
    return moment(date(2026, 5, day), clock)


@pytest.fixture
def stage(sink: Sink) -> Stage:
    return set_stage(preset_text("follow-the-sun"), sink.url, now=at("01:00"))


def test_the_chain_is_unbroken(stage: Stage) -> None:
    """1.8: five minutes each: on call, the next in turn, the engineering manager, the founder; from the top."""
    stage.declare("SEV2", at("02:10"), SUMMARY)
    for clock in ("02:14:59", "02:15", "02:20", "02:25", "02:29:59", "02:30", "02:34:59", "02:35"):
        tick(at(clock))

    assert [line for line in rung() if "platform on call" in line] == [
        "02:10 platform on call: platform",
        "02:15 platform on call: platform1",
        "02:20 platform on call: engineering-manager",
        "02:25 platform on call: founder",
        "02:35 platform on call: platform",
    ]


def test_a_sev1_pages_three_groups_and_a_tap_of_the_founder_silences_nobody_else(stage: Stage) -> None:
    """1.1: all of platform, the manager and the founder on call, each with an answer of its own."""
    incident = stage.declare("SEV1", at("02:10"), "eu-frankfurt is down")
    assert rung() == [
        "02:10 all of platform on call: platform",
        "02:10 engineering manager on call: engineering-manager",
        "02:10 founder on call: founder",
    ]

    acknowledge_page(page_of("founder"), by=by_web(stage.on_call("founder")), now=at("02:11"))
    tick(at("02:15"))

    assert incident.commander is None
    assert rung(at("02:12")) == [
        "02:15 all of platform on call: platform1",
        "02:15 engineering manager on call: founder",
    ]


def test_a_sev3_pages_the_owner_of_the_service_alone(stage: Stage) -> None:
    incident = stage.declare("SEV3", at("10:00"), "Builds wait")

    assert rung() == ["10:00 owner of the service: owner"]
    assert owed(incident) == {PromiseKind.STATUS_UPDATE: at("10:15")}


def test_the_sev2_of_the_document_until_the_last_deadline(stage: Stage, sink: Sink) -> None:
    """1.1 to 1.7: a room, three roles, word every quarter of an hour, an email in a day, a postmortem in three."""
    incident = stage.declare("SEV2", at("02:10"), SUMMARY)
    assert rung() == ["02:10 owner of the service: owner", "02:10 platform on call: platform"]
    assert incident.level.chat_mode == ChatMode.ROOM
    assert [post["facts"]["room"] for post in sink.posts if post["kind"] == MessageKind.THREAD] == [
        f"incident-{incident.reference.removeprefix('INC-')}"
    ]

    platform = stage.on_call("platform")
    acknowledge_page(page_of("platform"), by=by_web(platform), now=at("02:12"))
    acknowledge_page(page_of("owner"), by=by_web(stage.on_call("owner")), now=at("02:13"))
    assert roles(incident) == {"commander": "platform", "comms": "engineering-manager"}
    assert owed(incident) == {PromiseKind.STATUS_UPDATE: at("02:25"), PromiseKind.PUBLIC_UPDATE: at("02:25")}

    comms = by_web(stage.on_call("engineering-manager"))
    update = post_status_update(
        incident, by=comms, now=at("02:20"), impact="Checkout is slow.", action="We are looking.", tell_public=True
    )
    tick(at("02:20:01"))
    assert [post["to"] for post in sink.posts if post["kind"] == MessageKind.STATUS_UPDATE] == ["incidents"]
    assert update.public_text == "Investigating.\nCheckout is slow.\nWe are looking.\nNext update by 02:35 CEST."
    assert owed(incident) == {PromiseKind.STATUS_UPDATE: at("02:35")}
    for clock in ("02:30", "02:35", "02:40", "02:50"):  # reminded, red, the commander told, the manager rung
        tick(at(clock))
    assert rung(at("02:45")) == ["02:50 Engineering manager: status update is late: engineering-manager"]

    resolve_incident(incident, by=by_web(platform), now=at("03:10"))
    assert owed(incident) == {
        PromiseKind.CUSTOMER_EMAIL: at("03:10", day=15),
        PromiseKind.POSTMORTEM: at("03:10", day=17),
    }
    assert Postmortem.objects.get(incident=incident).author == platform
    tick(at("03:10", day=16))
    assert incident.promises.get(kind=PromiseKind.CUSTOMER_EMAIL).broken_at is not None
    assert Page.objects.ringing().count() == 0


def test_a_pattern_of_undone_action_items_is_escalated(stage: Stage) -> None:
    """1.6: when none is ever done, that is escalated."""
    incident = stage.declare("SEV3", at("10:00"), "Builds wait")
    raise_flag(incident, by=by_web(stage.on_call("owner")), now=at("10:05"), flag="actions-never-done")
    tick(at("10:05"))

    assert [line.rpartition(": ")[2] for line in rung(at("10:05"))] == ["engineering-manager"]
    assert told(stage.on_call("engineering-manager"), MessageKind.PAGE) == 1
