"""Overrides from the page of a schedule: seen before they are saved, in a zone that is named."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from escalation.enums import OverrideKind
from escalation.models import Override, Schedule
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import OverrideFactory, make_schedule

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", name="Ana", time_zone=BERLIN)


@pytest.fixture
def ben() -> User:
    return UserFactory(handle="ben", name="Ben", time_zone="America/New_York")


@pytest.fixture
def schedule(ana: User, ben: User) -> Schedule:
    """Ana is on call for ever, in Berlin; Ben is somebody else."""
    return make_schedule(ana, slug="primary", name="Primary")


@pytest.fixture(autouse=True)
def at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def asked(**changed: str) -> dict[str, str]:
    """Ben instead of Ana on Monday 20 April from nine to nine, in Berlin."""
    return {
        "kind": "replace",
        "user": "ben",
        "replaced": "ana",
        "starts_at": "2026-04-20T09:00",
        "ends_at": "2026-04-21T09:00",
        "zone": BERLIN,
        "reason": "Dentist",
        "preview": "1",
        **changed,
    }


def post(client: Client, **changed: str) -> Any:
    return client.post(reverse("escalation:override-new", args=["primary"]), asked(**changed))


def save(client: Client, **changed: str) -> Any:
    """Look at the preview, then press its Save."""
    shown = post(client, **changed).content.decode()
    return post(client, **changed, save=seen_in(shown))


def seen_in(shown: str) -> str:
    return re.findall(r'name="save" value="(\w+)"', shown)[0]


def test_a_preview_says_what_would_change_and_saves_nothing(client: Client, schedule: Schedule, ana: User):
    shown = post(signed_in(client, ana)).content.decode()

    assert "Mon 20 Apr 09:00 CEST to Tue 21 Apr 09:00 CEST: Ben instead of Ana" in shown
    assert "As it is" in shown
    assert "As it would be" in shown
    assert 'name="save"' in shown
    assert Override.objects.count() == 0


def test_saving_keeps_what_was_shown_and_leads_back_to_its_day(
    client: Client, schedule: Schedule, ana: User, ben: User
):
    answer = save(signed_in(client, ana))

    override = Override.objects.get()
    assert (override.kind, override.user, override.replaced) == (OverrideKind.REPLACE, ben, ana)
    assert override.starts_at == datetime(2026, 4, 20, 7, tzinfo=UTC)
    assert override.ends_at == datetime(2026, 4, 21, 7, tzinfo=UTC)
    assert (override.created_by, override.created_at, override.reason) == (ana, NOW, "Dentist")
    assert answer["Location"] == "/on-call/primary/?from=2026-04-20"


def test_what_was_not_seen_is_not_saved(client: Client, schedule: Schedule, ana: User, ben: User):
    page = signed_in(client, ana)
    seen = seen_in(post(page).content.decode())

    longer = post(page, ends_at="2026-04-22T09:00", save=seen).content.decode()
    OverrideFactory(schedule=schedule, user=ben, starts_at=NOW, ends_at=NOW + timedelta(days=9))
    meanwhile = post(page, save=seen).content.decode()

    assert "Nothing is saved yet: this is what would change now." in longer
    assert "to Wed 22 Apr 09:00 CEST: Ben instead of Ana" in longer
    assert "Nothing: the same people are on call as before." in meanwhile
    assert Override.objects.count() == 1


def test_times_are_read_in_the_zone_that_was_chosen(client: Client, schedule: Schedule, ben: User):
    save(signed_in(client, ben), zone="America/New_York")

    assert Override.objects.get().starts_at == datetime(2026, 4, 20, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": "cover", "replaced": "", "user": "ben"}, "Ben instead of Ana"),
        ({"kind": "add", "replaced": "", "user": "ben"}, "Ana and Ben instead of Ana"),
        ({"kind": "remove", "user": ""}, "nobody instead of Ana"),
        ({"kind": "cover", "replaced": "", "user": "ana"}, "Nothing: the same people are on call as before."),
        (
            {"kind": "cover", "replaced": "", "starts_at": "2026-04-18T23:00", "ends_at": "2029-04-18T23:00"},
            "Looked at until Fri 17 Jul 23:00 CEST.",
        ),
    ],
)
def test_every_kind_says_what_it_does(client: Client, schedule: Schedule, ana: User, changed, sentence):
    assert sentence in post(signed_in(client, ana), **changed).content.decode()


def test_a_gap_that_is_filled_is_called_so(client: Client, ana: User, ben: User):
    make_schedule(slug="primary")

    shown = post(signed_in(client, ana), kind="cover", replaced="").content.decode()

    assert "Ben, where nobody was on call" in shown


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"starts_at": "tomorrow"}, "Write the day and the time like"),
        ({"ends_at": "2026-04-20T08:00"}, "An override ends after it starts."),
        ({"starts_at": "2026-04-01T09:00", "ends_at": "2026-04-02T09:00"}, "This span is over"),
        ({"user": "ana"}, "Nobody can replace themselves."),
        ({"user": ""}, "Say who is on call in this span."),
        ({"zone": "Asia/Tokyo"}, "The times are in your zone or in the schedule"),
        ({"user": "nobody"}, "Select a valid choice."),
    ],
)
@pytest.mark.parametrize("button", ["preview", "save"])
def test_what_makes_no_sense_is_refused_in_a_sentence(
    client: Client, schedule: Schedule, ana: User, changed, sentence, button
):
    answer = post(signed_in(client, ana), **changed, **{button: "1"})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Override.objects.count() == 0


def test_a_viewer_is_told_who_may(client: Client, schedule: Schedule):
    viewer = signed_in(client, UserFactory(viewer=True))

    answers = [post(viewer, **{button: "1"}) for button in ("preview", "save")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "Only a responder may make or cancel an override." in answers[0].content.decode()
    assert "Override<span" not in viewer.get("/on-call/primary/").content.decode()
    assert Override.objects.count() == 0


def test_the_day_by_day_list_proposes_the_shift_that_it_shows(client: Client, schedule: Schedule, ana: User):
    OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=ana, ends_at=NOW + timedelta(hours=1))
    page = signed_in(client, ana)

    listed = page.get("/on-call/primary/?view=week").content.decode()
    form = page.get("/on-call/primary/override?starts_at=2026-04-18T14%3A23&ends_at=nonsense&replaced=ana").content

    assert "/on-call/primary/override?starts_at=2026-04-18T14%3A23&amp;ends_at=2026-04-18T15%3A23" in listed
    assert b'value="2026-04-18T14:23"' in form
    assert b"nonsense" not in form
    assert b'<option value="ana" selected>Ana (@ana)</option>' in form


def test_cancelling_shows_first_what_it_changes(client: Client, schedule: Schedule, ana: User, ben: User):
    override = OverrideFactory(schedule=schedule, user=ben, created_by=ana)
    page = signed_in(client, ana)
    cancel = reverse("escalation:override-cancel", args=["primary"])

    shown = page.post(cancel, {"override": override.pk}).content.decode()
    override.refresh_from_db()
    before = override.cancelled_at
    page.post(cancel, {"override": override.pk, "save": seen_in(shown)})

    override.refresh_from_db()
    assert "Cancel this override: Ben covers" in shown
    assert "Sat 18 Apr 13:23 CEST to Sat 18 Apr 15:23 CEST: Ana instead of Ben" in shown
    assert before is None
    assert (override.cancelled_at, override.cancelled_by) == (NOW, ana)


def test_an_override_of_another_schedule_or_one_that_is_over_is_not_cancelled(
    client: Client, schedule: Schedule, ana: User
):
    over = OverrideFactory(schedule=schedule, starts_at=NOW - timedelta(hours=2), ends_at=NOW - timedelta(hours=1))
    page, cancel = signed_in(client, ana), reverse("escalation:override-cancel", args=["primary"])

    for override in (over, OverrideFactory()):
        said = page.post(cancel, {"override": override.pk, "save": "1"}, follow=True).content.decode()
        assert "This override is over, or was cancelled before." in said

    assert not Override.objects.filter(cancelled_at__isnull=False).exists()


def test_the_page_lists_the_overrides_that_still_count(client: Client, schedule: Schedule, ana: User, ben: User):
    OverrideFactory(schedule=schedule, user=ben, reason="Dentist", created_by=ana)
    OverrideFactory(schedule=schedule, user=ben, reason="Gone", cancelled_at=NOW, cancelled_by=ana)

    shown = signed_in(client, ana).get("/on-call/primary/").content.decode()

    assert "<strong>Ben covers (Dentist)</strong>" in shown
    assert "Gone" not in shown
