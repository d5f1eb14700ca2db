"""One line of the composer."""

import uuid
from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.enums import AccessLevel, TokenScope, Via
from accounts.models import User
from core.errors import Conflict, InvalidInput, NotAllowed, Refused
from escalation.models import Page
from incidents.actions.composer import COMMANDS, post_line
from incidents.actions.status import close_as_no_incident
from incidents.enums import EntryKind, IncidentStatus, PromiseKind
from incidents.models import Incident, TimelineEntry
from incidents.queries.composer import completions
from tests.factories.accounts import ActorFactory, UserFactory
from tests.incidents.actions.conftest import texts


def test_plain_text_becomes_an_entry(incident: Incident, ana: Actor, now: datetime) -> None:
    posted = post_line(incident, by=ana, now=now, line="  block rate **18 %**  ")

    entry = TimelineEntry.objects.get(pk=posted.entry.pk)
    assert (entry.kind, entry.text, entry.author, entry.happened_at) == (
        EntryKind.NOTE,
        "block rate **18 %**",
        ana.user,
        now,
    )
    assert entry.html == "block rate <strong>18 %</strong>"


def test_a_leading_clock_dates_it_back_in_the_zone_of_the_writer(
    incident: Incident, jens: User, now: datetime
) -> None:
    posted = post_line(incident, by=ActorFactory(user=jens), now=now, line="14:15 block rate spike begins")

    assert (posted.entry.text, posted.said) == ("block rate spike begins", "Noted at 14:15 CEST.")
    assert posted.entry.happened_at == datetime.fromisoformat("2026-04-18T14:15:00+02:00")
    assert posted.entry.recorded_at == now


def test_minutes_ago_date_it_back(incident: Incident, ana: Actor, now: datetime) -> None:
    posted = post_line(incident, by=ana, now=now, line="-10m deploy began")

    assert (posted.entry.happened_at, posted.entry.text) == (now - timedelta(minutes=10), "deploy began")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "nothing written"),
        ("14:15", "Write it behind the time"),
        ("25:99 later", "is not a time"),
        ("14:15 /resolve", "A command happens now"),
        ("/dance", "There is no command /dance"),
        ("/status banana", "“banana” is no status"),
        ("/sev SEV9", "“SEV9” is no level here"),
        ("/sev SEV2", "It is SEV2 already"),
        ("/sev SEV3", "say why"),
        ("/role", "Write /role"),
        ("/role king @ana", "There is no role “king”"),
        ("/role commander @anna", "There is nobody called @anna here. Did you mean @ana?"),
        ("/page", "Say whom to page"),
        ("/page nobody-here", "There is nobody called @nobody-here"),
        ("/update", "nothing written"),
        ("/stopped now", "Write /stopped alone"),
        ("x" * 10_001, "10,001 characters"),
        ("a\x00b", "NUL"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_changes_nothing(
    incident: Incident, ana: Actor, now: datetime, line: str, sentence: str
) -> None:
    before = texts(incident)
    key = uuid.uuid4()

    with pytest.raises(Refused) as refusal:
        post_line(incident, by=ana, now=now, line=line, submission_key=key)

    assert sentence in str(refusal.value)
    assert texts(incident) == before
    assert not incident.submissions.exists()  # the corrected line may come with the same key


def test_two_slashes_write_a_note_that_begins_with_one(incident: Incident, ana: Actor, now: datetime) -> None:
    assert post_line(incident, by=ana, now=now, line="//etc/hosts is empty").entry.text == "/etc/hosts is empty"


def test_the_commands_do_what_they_say(incident: Incident, ana: Actor, mira: User, now: datetime) -> None:
    said = [
        post_line(incident, by=ana, now=now, line=line).said
        for line in (
            "/role commander @ana",
            "/status identified",
            "/status monitoring the fix is out",
            "/page @mira",
            "/stopped",
            "/resolve",
        )
    ]

    incident.refresh_from_db()
    assert said == [
        "@ana is commander.",
        "Status: identified.",
        "Status update posted: monitoring.",
        "Ringing @mira.",
        "Bleeding stopped.",
        "Resolved.",
    ]
    assert incident.commander == ana.user
    assert incident.status == IncidentStatus.RESOLVED
    assert Page.objects.filter(group="@mira").count() == 1
    assert incident.mitigated_at == incident.resolved_at == now


def test_a_role_without_a_name_is_taken(incident: Incident, ana: Actor, now: datetime) -> None:
    post_line(incident, by=ana, now=now, line="/role scribe")

    assert incident.role_assignments.get(role="scribe").user == ana.user


def test_a_double_press_posts_once(incident: Incident, ana: Actor, now: datetime) -> None:
    key = uuid.uuid4()

    first = post_line(incident, by=ana, now=now, line="hello", submission_key=key)
    second = post_line(incident, by=ana, now=now, line="hello", submission_key=key)

    assert (first.said, second.said, second.entry) == ("Noted.", "Posted already.", None)
    assert texts(incident).count("hello") == 1


def test_the_key_of_somebody_else_is_refused(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    key = uuid.uuid4()
    post_line(incident, by=ana, now=now, line="hello", submission_key=key)

    with pytest.raises(Conflict):
        post_line(incident, by=ActorFactory(user=jens), now=now, line="mine", submission_key=key)

    assert "mine" not in texts(incident)


def test_a_viewer_reads_but_does_not_write_until_they_hold_a_role(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    viewer = UserFactory(access=AccessLevel.VIEWER, handle="vera")
    with pytest.raises(NotAllowed):
        post_line(incident, by=ActorFactory(user=viewer), now=now, line="hello")

    post_line(incident, by=ana, now=now, line="/role scribe @vera")
    post_line(incident, by=ActorFactory(user=viewer), now=now, line="hello")

    assert texts(incident)[-1] == "hello"


def test_a_key_that_only_reads_is_told_so(incident: Incident, jens: User, now: datetime) -> None:
    with pytest.raises(NotAllowed, match="This token only reads"):
        post_line(incident, by=Actor(user=jens, via=Via.API, scope=TokenScope.READ), now=now, line="hello")

    assert "hello" not in texts(incident)


def test_the_first_line_of_a_person_keeps_the_promise_to_respond(
    incident: Incident, jens: User, now: datetime
) -> None:
    assert incident.promises.undone().filter(kind=PromiseKind.RESPOND).exists()

    post_line(incident, by=ActorFactory(user=jens), now=now + timedelta(minutes=3), line="looking")

    assert incident.promises.get(kind=PromiseKind.RESPOND).kept_at == now + timedelta(minutes=3)


def test_a_closed_incident_takes_no_more_lines(incident: Incident, ana: Actor, now: datetime) -> None:
    close_as_no_incident(incident, by=ana, now=now)

    with pytest.raises(Refused, match="is closed"):
        post_line(incident, by=ana, now=now, line="hello")


def test_completion_offers_commands_then_what_they_take(incident: Incident, ana: Actor, jens: User) -> None:
    commands = {name: (command.usage, command.does) for name, command in COMMANDS.items()}

    def offered(typed: str) -> list[str]:
        return [completion.insert for completion in completions(incident, typed, commands, ana.user)]

    assert offered("/st") == ["/status ", "/stopped "]
    assert offered("/status id") == ["/status identified "]
    assert offered("/sev ") == ["/sev SEV1 ", "/sev SEV2 ", "/sev SEV3 "]
    assert offered("/role com") == ["/role commander ", "/role comms "]
    assert offered("/role comms @je") == ["/role comms @jens "]
    assert offered("/page an") == ["/page @ana "]
    assert offered("block rate") == offered("//etc") == offered("/dance ") == []


def test_text_over_the_wire_is_sanitised_when_it_is_written(incident: Incident, ana: Actor, now: datetime) -> None:
    entry = post_line(incident, by=ana, now=now, line="<script>alert(1)</script> [x](javascript:alert(1))").entry

    assert "<script" not in entry.html
    assert "javascript:" not in entry.html


def test_input_that_is_refused_names_its_field(incident: Incident, ana: Actor, now: datetime) -> None:
    with pytest.raises(InvalidInput) as refusal:
        post_line(incident, by=ana, now=now, line="/dance")

    assert refusal.value.field == "line"
