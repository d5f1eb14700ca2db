"""Document 001, played: “Checkout p99 elevated in eu-frankfurt”, SEV2, in a night when nobody wakes up at first.

Times are Berlin wall time on Thursday, 14 May 2026.
"""

from datetime import date, datetime

import pytest

from comms.enums import MessageKind
from core.errors import InvalidInput, WrongState
from escalation.actions.page import acknowledge_page
from escalation.models import Page, PolicyStep
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.impact import set_impact
from incidents.actions.public_word import tell_public
from incidents.actions.role import assign_role
from incidents.actions.severity import change_level
from incidents.actions.status import close_incident, resolve_incident
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.actions.text import texts_to_copy
from incidents.enums import PromiseKind
from incidents.forms.status_update import prefilled
from incidents.models import Incident
from incidents.policy_file import document_of
from incidents.policy_file.plan import warnings_of
from incidents.queries.owed import facts_of_one
from incidents.views.links import links_of
from postmortems.models import Postmortem
from tests.factories.policy import level_of
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import (
    Stage,
    answer_all,
    asked,
    asked_of_people,
    boxes,
    chosen_by,
    goes_on_at,
    moment,
    owed,
    owes,
    page_of,
    posted,
    public_words,
    roles,
    room_of,
    rung,
    tick,
    told,
    words_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PRESET = "follow-the-sun"
SUMMARY = "Checkout p99 elevated in eu-frankfurt"
REPOSITORY = "https://git.example.com/platform"


def at(clock: str, day: int = 14) -> datetime:
    return moment(date(2026, 5, day), clock)


BEGINS = at("01:00")


def begun(stage: Stage, level: str) -> Incident:
    """Declared at ten past two, and answered two minutes later; on call for the platform first, where it is rung."""
    incident = stage.declare(level, at("02:10"), SUMMARY)
    if level != "SEV3":
        first = "all of platform" if level == "SEV1" else "platform"
        acknowledge_page(page_of(first), by=by_web(stage.on_call("platform")), now=at("02:12"))
    answer_all(at("02:12"))
    tick(at("02:12"))
    return incident


# --- who pages, who joins ------------------------------------------------------------------------------------------


def test_whoever_declares_reads_who_is_paged(stage: Stage) -> None:
    """1.1."""
    rest = "; an answer is owed within 5 min. Status update every 15 min."
    assert chosen_by() == {
        "SEV1": f"Rings all of platform on call and engineering manager on call and founder on call{rest}",
        "SEV2": f"Rings owner of the service and platform on call{rest}",
        "SEV3": f"Rings owner of the service{rest}",
    }


def test_a_sev1_pages_three_groups_and_a_tap_of_the_founder_silences_nobody_else(stage: Stage) -> None:
    """1.1: all of platform, the manager and the founder on call, each with an answer of its own."""
    incident = stage.declare("SEV1", at("02:10"), "eu-frankfurt is down")
    assert rung() == [
        "02:10 all of platform on call: platform",
        "02:10 engineering manager on call: engineering-manager",
        "02:10 founder on call: founder",
    ]

    acknowledge_page(page_of("founder"), by=by_web(stage.on_call("founder")), now=at("02:11"))
    for clock in ("02:14:59", "02:15", "02:20", "02:25"):
        tick(at(clock))

    assert incident.commander is None  # the manager's page begins again: at this level it rings until somebody answers
    assert rung(at("02:12")) == [
        "02:15 all of platform on call: platform1",
        "02:15 engineering manager on call: founder",
        "02:20 all of platform on call: engineering-manager",
        "02:25 all of platform on call: founder",
        "02:25 engineering manager on call: engineering-manager",
    ]


def test_each_group_has_five_minutes(stage: Stage) -> None:
    """1.8."""
    stage.declare("SEV1", at("02:10"), "eu-frankfurt is down")
    assert goes_on_at() == [
        "02:15 all of platform on call",
        "02:15 engineering manager on call",
        "02:15 founder on call",
    ]


def test_a_chain_that_rings_otherwise_is_said_aloud(stage: Stage) -> None:
    """1.8: the chain is unbroken for a reason."""
    PolicyStep.objects.all().delete()

    warnings = warnings_of(document_of(stage.ladder))

    rest = "the next in the rotation, then engineering manager on call, then founder on call."
    assert [line.partition("The escalation policy ")[2] for line in warnings] == [
        f"“platform-primary” does not ring as this ladder wants: on call for the platform, then {rest}",
        f"“platform-all” does not ring as this ladder wants: all on call for the platform, at once, then {rest}",
        "“engineering-manager” does not ring as this ladder wants: engineering manager on call, then founder on call.",
        "“founder” does not ring as this ladder wants: founder on call.",
    ]


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


def test_a_sev3_pages_the_owner_of_the_service_alone_who_commands(stage: Stage) -> None:
    incident = stage.declare("SEV3", at("02:10"), "Builds wait")
    assert rung() == ["02:10 owner of the service: owner"]
    assert goes_on_at() == ["02:15 owner of the service"]

    acknowledge_page(page_of("owner"), by=by_web(stage.on_call("owner")), now=at("02:12"))

    assert roles(incident) == {"commander": "owner"}
    tick(at("02:12"))
    assert "You own the timeline" in words_to(stage.on_call("owner"), MessageKind.NOTICE)


# --- starting it, and the three roles ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["SEV1", "SEV2", "SEV3"])
def test_one_command_opens_a_room_with_the_runbook_in_it(stage: Stage, sink: Sink, level: str) -> None:
    """1.2."""
    incident = stage.declare(level, at("02:10"), SUMMARY)

    room = f"incident-{incident.reference.removeprefix('INC-')}"
    threads = posted(sink, MessageKind.THREAD)
    assert [(post["to"], post["facts"]["room"]) for post in threads] == [("incidents", room)]
    seen = room_of(incident, stage.on_call("owner"), at("02:11"))
    assert [(row.runbook.slug, row.runbook.link) for row in seen.scenario.runbooks] == [
        ("incident", f"{REPOSITORY}/runbooks/incident.md")
    ]
    assert [(link.name, link.url) for link in links_of(seen)] == [
        ("Read this before your first shift", f"{REPOSITORY}/runbooks/incident.md")
    ]


@pytest.mark.parametrize(("level", "is_public"), [("SEV1", True), ("SEV2", True), ("SEV3", False)])
def test_the_status_page_is_told_at_the_upper_two(stage: Stage, level: str, is_public: bool) -> None:
    """1.2, 1.4: an update has the public ticked by itself."""
    incident = stage.declare(level, at("02:10"), SUMMARY)
    seen = room_of(incident, stage.on_call("owner"), at("02:11"))
    assert prefilled(seen)["tell_public"] is is_public


@pytest.mark.parametrize("level", ["SEV1", "SEV2"])
def test_three_roles_even_for_a_small_one(stage: Stage, level: str) -> None:
    """1.3: comms is the engineering manager and speaks until somebody else does; investigators are usually two."""
    incident = begun(stage, level)
    platform, manager, founder = (stage.on_call(one) for one in ("platform", "engineering-manager", "founder"))
    assert roles(incident) == {"commander": "platform", "comms": "engineering-manager"}
    assert facts_of_one(incident).empty_seats == ["Investigator"]
    assert "You own the timeline, the decisions and the channel." in words_to(platform, MessageKind.NOTICE)
    assert "Saying nothing is worse than bad news." in words_to(manager, MessageKind.NOTICE)
    with pytest.raises(WrongState):  # comms is handed over, not taken
        assign_role(incident, by=by_web(platform), now=at("02:14"), role="comms", user=founder)

    for user in (stage.people["platform"][1], founder):
        assign_role(incident, by=by_web(platform), now=at("02:14"), role="investigator", user=user)
    tick(at("02:15"))

    held = incident.role_assignments.filter(role="investigator", ended_at__isnull=True).order_by("pk")
    assert [(row.user.handle, row.kind) for row in held] == [
        ("platform1", "investigator"),
        ("founder", "investigator"),
    ]
    assert "one drives, the other listens" in words_to(founder, MessageKind.NOTICE)


@pytest.mark.parametrize("level", ["SEV1", "SEV2", "SEV3"])
def test_the_email_to_customers_is_ready_to_copy_once_it_is_over(stage: Stage, level: str) -> None:
    """1.5: where customers noticed; factual, brief, one apology."""
    incident = begun(stage, level)
    set_impact(incident, by=by_web(stage.on_call("owner")), now=at("02:20"), symptom="Payments fail")
    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("03:10"), reason="We went back a version.")

    ready = [one for one in texts_to_copy(incident_again(incident), now=at("03:11")) if one.audience == "customers"]
    words = (
        "Payments fail.\n\nIt lasted 1 h.\nWe went back a version.\n\nWe apologize for the trouble this caused you."
    )
    assert [(one.subject, one.text) for one in ready] == ([] if level == "SEV3" else [(f"Resolved: {SUMMARY}", words)])


@pytest.mark.parametrize("level", ["SEV1", "SEV2", "SEV3"])
def test_who_does_what_and_by_when(stage: Stage, level: str) -> None:
    """1.3 to 1.7: as the checklist asks it, two things of it only where customers are affected."""
    incident = begun(stage, level)
    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("03:10"))

    customers = level != "SEV3"
    email = ["Send customers the email: comms, by 03:10"] if customers else []
    spoken = ["Tell channel and status: comms", "Two people in the: investigator"] if customers else []
    assert asked(incident) == {
        "response": ["Write the timeline and: commander", *spoken],
        "aftermath": [
            "Announce that it is: comms",
            *email,
            "Draft the postmortem; it: commander",
            "The team has reviewed: check",
            "The postmortem is in: check",
            "Each action item has: check",
        ],
    }
    assert boxes(incident_again(incident)) == {
        "response": (at("02:10"), None),
        "aftermath": (at("03:10"), at("03:10", day=17)),
    }
    template = f"{REPOSITORY}/runbooks/post-mortem-template.md"
    mail = [f"{REPOSITORY}/comms/incident-email-template.md"] if customers else []
    items = room_of(incident, stage.on_call("owner"), at("03:11")).items
    assert [item.filled_link for item in items if item.link] == [*mail, template]


def incident_again(incident: Incident) -> Incident:
    """As it stands now."""
    incident.refresh_from_db()
    return incident


# --- while it lasts, and after -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["SEV1", "SEV2"])
def test_word_every_quarter_of_an_hour_in_the_channel_and_to_the_public(stage: Stage, sink: Sink, level: str) -> None:
    """1.4: “still investigating” is a word too."""
    incident = begun(stage, level)
    assert owes(incident) == ["Thu 02:25 public_update: comms", "Thu 02:25 status_update: comms"]

    comms = by_web(stage.on_call("engineering-manager"))
    post_status_update(
        incident, by=comms, now=at("02:20"), impact="Checkout is slow.", action="We are looking.", tell_public=True
    )
    tick(at("02:20:01"))
    assert owes(incident) == ["Thu 02:35 public_update: comms", "Thu 02:35 status_update: comms"]
    post_no_change(incident, by=comms, now=at("02:30"))
    tick(at("02:30:01"))

    said = posted(sink, MessageKind.STATUS_UPDATE)
    assert [post["to"] for post in said] == ["incidents", "incidents"]
    assert "No change since 02:20" in said[1]["body"]
    assert public_words(incident) == [
        f"Investigating.\nCheckout is slow.\nWe are looking.\nNext update by {clock} CEST."
        for clock in ("02:35", "02:45")
    ]
    assert owes(incident) == ["Thu 02:45 public_update: comms", "Thu 02:45 status_update: comms"]


def test_silence_to_the_public_is_red_again_and_again(stage: Stage) -> None:
    """1.4: the second word is owed as the first was, until it is over; a SEV3 owes the public nothing."""
    incident = begun(stage, "SEV1")
    comms = by_web(stage.on_call("engineering-manager"))
    tick(at("02:26"))
    tell_public(incident, by=comms, now=at("02:27"), text="We look into it.")
    tick(at("02:43"))
    tell_public(incident, by=comms, now=at("02:44"), text="We still look into it.")

    words = incident.promises.filter(kind=PromiseKind.PUBLIC_UPDATE).order_by("pk")
    assert [(word.due_at, word.broken_at, word.kept_at) for word in words] == [
        (at("02:25"), at("02:25"), at("02:27")),
        (at("02:42"), at("02:42"), at("02:44")),
        (at("02:59"), None, None),
    ]
    change_level(incident, by=comms, now=at("02:45"), level=level_of(stage.ladder, "SEV3"), reason="inside only")
    assert PromiseKind.PUBLIC_UPDATE not in owed(incident)


def test_a_sev3_is_told_inside_by_its_owner(stage: Stage, sink: Sink) -> None:
    incident = begun(stage, "SEV3")
    assert owes(incident) == ["Thu 02:25 status_update: commander"]

    post_status_update(incident, by=by_web(stage.on_call("owner")), now=at("02:20"), text="A runner hangs.")
    tick(at("02:20:01"))

    assert [post["to"] for post in posted(sink, MessageKind.STATUS_UPDATE)] == ["incidents"]


def test_silence_is_noticed(stage: Stage) -> None:
    """1.4: reminded, red, the commander told, the manager rung."""
    incident = begun(stage, "SEV2")
    for clock in ("02:20", "02:25", "02:30", "02:40"):
        tick(at(clock))

    assert rung(at("02:35")) == ["02:40 Engineering manager: status update is late: engineering-manager"]
    assert incident.promises.get(kind="status_update").broken_at == at("02:25")


@pytest.mark.parametrize("level", ["SEV1", "SEV2", "SEV3"])
def test_what_is_owed_when_it_is_over(stage: Stage, level: str) -> None:
    """1.5, 1.7: a postmortem in three days, drafted by the commander; an email in a day where customers noticed."""
    incident = begun(stage, level)
    commander = incident_again(incident).commander
    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("03:10"))
    lower_flag(incident, by=by_web(stage.on_call("owner")), now=at("03:11"), flag="actions-never-done")
    close_incident(incident, by=by_web(stage.on_call("owner")), now=at("03:11"))

    email = [] if level == "SEV3" else ["Fri 03:10 customer_email: comms"]
    assert owes(incident) == [*email, "Sun 03:10 postmortem: commander"]
    assert Postmortem.objects.get(incident=incident).author == commander
    tick(at("03:10", day=15))
    late = [promise.kind for promise in incident.promises.exclude(broken_at=None).order_by("due_at")]
    assert late == ([] if level == "SEV3" else ["customer_email"])


def test_the_sev2_of_the_document_until_the_last_deadline(stage: Stage) -> None:
    """1.1 to 1.7: nobody answers at once; word inside and outside; over in an hour; due until Sunday."""
    incident = stage.declare("SEV2", at("02:10"), SUMMARY)
    assert rung() == ["02:10 owner of the service: owner", "02:10 platform on call: platform"]
    tick(at("02:15"))
    second = stage.people["platform"][1]
    acknowledge_page(page_of("platform"), by=by_web(second), now=at("02:16"))
    acknowledge_page(page_of("owner"), by=by_web(stage.on_call("owner")), now=at("02:17"))
    assert roles(incident) == {"commander": "platform1", "comms": "engineering-manager"}

    tell_public(incident, by=by_web(stage.on_call("engineering-manager")), now=at("02:20"), text="We look into it.")
    post_status_update(incident, by=by_web(second), now=at("02:24"), text="The pool is full.")
    tick(at("02:24:01"))
    assert owes(incident) == ["Thu 02:35 public_update: comms", "Thu 02:39 status_update: comms"]

    resolve_incident(incident, by=by_web(second), now=at("03:10"))
    tick(at("03:10", day=17))
    assert Page.objects.ringing().count() == 0
    late = incident.promises.open().exclude(broken_at=None).order_by("due_at")
    assert [(promise.kind, promise.broken_at) for promise in late] == [
        ("customer_email", at("03:10", day=15)),
        ("postmortem", at("03:10", day=17)),
    ]


def test_a_pattern_of_undone_action_items_is_escalated(stage: Stage) -> None:
    """1.6: when none is ever done, that is escalated. It is asked once it is over, and before it is closed."""
    question = "Has none of the action items of the last incidents been done?"
    incident, owner = stage.declare("SEV2", at("10:00"), "Builds wait"), by_web(stage.on_call("owner"))
    acknowledge_page(page_of("owner of the service"), by=owner, now=at("10:01"))
    assert question not in asked_of_people(incident, at("10:02"))

    resolve_incident(incident, by=owner, now=at("10:04"))
    assert question in asked_of_people(incident, at("10:04"))
    with pytest.raises(InvalidInput, match="Still owed: Has none of the action items"):
        close_incident(incident, by=owner, now=at("10:05"))
    raise_flag(incident, by=owner, now=at("10:05"), flag="actions-never-done")
    assert question not in asked_of_people(incident, at("10:05"))
    tick(at("10:05"))

    assert [line.rpartition(": ")[2] for line in rung(at("10:05"))] == ["engineering-manager"]
    assert told(stage.on_call("engineering-manager"), MessageKind.PAGE) == 1
    assert "Look at the pattern, not at the single item" in words_to(
        stage.on_call("engineering-manager"), MessageKind.PAGE
    )
