"""Flags by API: read, raised and lowered; one that makes private does so at once."""

import pytest

from tests.api import Machine
from tests.factories.accounts import UserFactory
from tests.factories.ladder import FlagFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(incident):
    version = incident.level.version
    FlagFactory(
        version=version, slug="breach", name="Breach suspected", question="Is data at risk?", makes_private=True
    )
    FlagFactory(version=version, slug="api", name="The API is concerned")
    return f"/incidents/{incident.reference}/flags"


def test_flags_are_read_raised_and_lowered(ana, incident, path):
    machine = Machine(ana)

    before = Machine(ana, "read").get(path)
    raised, again = (machine.post(f"{path}/api/raise", {}) for _ in range(2))
    lowered = machine.post(f"{path}/api/lower", {})

    down = {"slug": "api", "name": "The API is concerned", "question": "", "makes_private": False}
    down |= {"is_up": False, "since": None, "by": ""}
    up = {**down, "is_up": True, "since": "2026-04-18T12:23:00Z", "by": "@ana"}
    assert [row["slug"] for row in before[1]] == ["breach", "api"]
    assert [(status, rows[1]) for status, rows in (before, raised, again, lowered)] == [
        (200, down),
        (200, up),
        (200, up),
        (200, down),
    ]
    rows = incident.entries.order_by("number").values_list("text", "author__handle", "via")
    assert list(rows) == [
        ("**Flag raised: The API is concerned**", "ana", "api"),
        ("Flag lowered: The API is concerned", "ana", "api"),
    ]


def test_a_question_is_answered_with_no(ana, incident, path):
    assert Machine(ana).post(f"{path}/breach/lower", {})[0] == 200

    incident.refresh_from_db()
    assert (incident.entries.get().text, incident.audience) == ("Is data at risk? No", None)


def test_a_breach_is_private_at_once_and_whoever_raised_it_goes_on(ana, incident, path):
    status, rows = Machine(ana).post(f"{path}/breach/raise", {})

    assert (status, rows[0]["is_up"]) == (200, True)
    assert Machine(UserFactory()).get(path)[0] == 404
    assert Machine(ana).post(f"/incidents/{incident.reference}/entries", {"text": "x"})[0] == 201


def test_a_flag_that_is_none_is_refused_with_those_there_are(ana, incident, path):
    sentence = "There is no flag “fire” here; this ladder has: breach, api."

    assert Machine(ana).post(f"{path}/fire/raise", {}) == (422, {"detail": sentence, "field": "flag"})
    assert incident.entries.count() == 0
