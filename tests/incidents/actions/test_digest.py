"""The morning mail: at 08:00 of one's own zone, only for who owes something, once a day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.models import User
from comms.models import Message
from incidents.actions import digest as digest_actions
from incidents.actions.digest import mail_digests
from incidents.models import Digest, Incident
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import IncidentFactory, PromiseFactory

EVENING = datetime(2026, 4, 18, 20, tzinfo=UTC)
IN_BERLIN, IN_UTC = datetime(2026, 4, 19, 6, tzinfo=UTC), datetime(2026, 4, 19, 8, tzinfo=UTC)


@pytest.fixture
def jens(db: None) -> User:
    return ReachableUserFactory(handle="jens", time_zone="Europe/Berlin")


@pytest.fixture
def late(jens: User) -> Incident:
    """Jens owes an update since the evening."""
    incident = IncidentFactory(level__name="SEV2")
    PromiseFactory(incident=incident, owner=jens, due_at=EVENING)
    return incident


def test_what_was_open_when_the_mail_was_written_is_known_of_it(late: Incident) -> None:
    mail_digests(now=EVENING)
    mail_digests(now=IN_BERLIN)

    assert [row.facts["about"] for row in Message.objects.all()] == [[late.subject_key]]


def mails() -> list[tuple[str, str, str]]:
    rows = Message.objects.filter(dedup_key__startswith="digest:").order_by("pk").select_related("user")
    return [(str(message.user), message.subject, message.body) for message in rows]


def test_whoever_owes_something_hears_of_it_at_eight_in_their_zone_and_once(late: Incident, jens: User) -> None:
    UserFactory(handle="ana")
    mail_digests(now=EVENING)
    assert mail_digests(now=IN_BERLIN - timedelta(seconds=1)) == 0
    assert mail_digests(now=IN_BERLIN) == 1
    assert mail_digests(now=IN_BERLIN + timedelta(minutes=1)) == 0
    assert mail_digests(now=IN_UTC) == 1

    line = f"- Status update, by 2026-04-18 22:00 CEST (late): SEV2 Pipeline blocks spiking ({late.reference})"
    assert mails() == [("@jens", "You owe 1 thing", line)]
    settled = Digest.objects.filter(settled_at__isnull=False).order_by("wake_at")
    assert [(row.user.handle, f"{row.day}", row.owed) for row in settled] == [
        ("jens", "2026-04-19", 1),
        ("ana", "2026-04-19", 0),
    ]


def test_it_comes_again_the_next_morning_while_it_is_owed(late: Incident) -> None:
    for hours in range(49):
        mail_digests(now=EVENING + timedelta(hours=hours))

    assert [who for who, _, _ in mails()] == ["@jens", "@jens"]


def test_of_a_private_incident_the_mail_says_no_words(jens: User) -> None:
    secret = IncidentFactory(private_to=[jens], summary="Breach of the vault")
    PromiseFactory(incident=secret, owner=jens, subject="Rotate the keys", due_at=EVENING)

    mail_digests(now=EVENING)
    mail_digests(now=IN_BERLIN)

    assert [body for _, _, body in mails()] == [f"- Something in {secret.reference}, which is private"]


def test_after_a_long_stop_nobody_gets_a_morning_mail_in_the_evening(late: Incident) -> None:
    mail_digests(now=EVENING)
    mail_digests(now=IN_BERLIN + timedelta(hours=5))

    assert mails() == []


def test_whoever_moves_west_waits_for_their_own_morning(late: Incident, jens: User) -> None:
    mail_digests(now=EVENING)
    jens.time_zone = "America/New_York"
    jens.save()
    mail_digests(now=IN_BERLIN)
    assert mails() == []

    mail_digests(now=IN_BERLIN + timedelta(hours=6))
    assert [who for who, _, _ in mails()] == ["@jens"]


def test_a_mail_that_breaks_half_way_leaves_the_morning_to_come(
    late: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    mail_digests(now=EVENING)
    with monkeypatch.context() as patch:
        patch.setattr(digest_actions, "queue_message", fail)
        assert mail_digests(now=IN_BERLIN) == 0
    assert Digest.objects.filter(settled_at__isnull=False).count() == 0

    assert mail_digests(now=IN_BERLIN) == 1
    assert len(mails()) == 1
