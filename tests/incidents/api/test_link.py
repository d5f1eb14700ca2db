"""Links, duplicates and who may see an incident, by API."""

import pytest

from incidents.models import Incident
from tests.api import Machine
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory
from tests.factories.words import IncidentLinkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(incident):
    return IncidentFactory(level=incident.level, summary="Disk full")


def test_two_are_linked_once_and_both_say_so(ana, incident, other, press):
    first, again = (press("links", {"other": other.reference, "relation": "caused_by"}) for _ in range(2))

    there = Machine(ana, "read").get(f"/incidents/{other.reference}/links")[1]
    row = {"summary": "Disk full", "level": "SEV2", "status": "investigating"}
    assert first == again == (200, [{"word": "Caused by", "reference": other.reference, **row}])
    assert [(one["word"], one["reference"]) for one in there] == [("The cause of", incident.reference)]


def test_a_duplicate_is_closed_and_leads_to_the_original(incident, other, press):
    status, answer = press("merge", {"into": str(other.number)})

    assert (status, answer["status"], answer["owed"]) == (200, "closed", [])
    assert incident.links_out.get().target == other


@pytest.mark.parametrize(("door", "field"), [("links", "other"), ("merge", "into")])
def test_another_that_is_hidden_is_as_one_that_is_not_there(ana, incident, other, press, door, field):
    Incident.objects.filter(pk=other.pk).update(audience=AudienceFactory())
    IncidentLinkFactory(source=incident, target=other)

    for called in (other.reference, "INC-20260418-9999"):
        assert press(door, {field: called}) == (422, {"detail": f"There is no incident {called}.", "field": field})
    assert Machine(ana, "read").get(f"/incidents/{incident.reference}/links") == (200, [])


def test_made_private_somebody_let_in_and_public_again(ana, incident, press):
    jens = UserFactory(handle="jens")
    RoleAssignmentFactory(incident=incident, user=ana)
    path = f"/incidents/{incident.reference}/audience"
    assert press("make-private", {}) == (422, {"detail": "Say why others must not see it.", "field": "reason"})

    status, answer = press("make-private", {"reason": "a person is named"})
    assert (status, answer["is_private"], [one["user"] for one in answer["people"]]) == (200, True, ["ana"])
    assert Machine(jens, "read").get(path)[0] == 404
    status, answer = press("audience", {"user": "@jens", "reason": "He knows"})
    assert (status, answer["people"][1]["user"], answer["people"][1]["reason"]) == (200, "jens", "He knows")
    assert Machine(jens, "read").get(path) == (200, answer)

    assert press("make-public", {"reason": "it was nobody"}) == (200, {"is_private": False, "people": []})
    assert Machine(UserFactory(), "read").get(path)[0] == 200


def test_who_may_not_let_in_is_told_so(incident, press):
    RoleAssignmentFactory(incident=incident)
    press("make-private", {"reason": "a person is named"})

    assert press("audience", {"user": "rung", "reason": "x"})[0] == 403
    assert press("make-public", {"reason": "x"})[0] == 403
