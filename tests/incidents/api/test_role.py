"""People by API: roles read, taken, given, left and handed over; and who is here without one."""

import pytest

from tests.api import Machine
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import RoleAssignmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def jens(db):
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def path(incident):
    return f"/incidents/{incident.reference}"


def holders(people) -> dict[str, list[str]]:
    """{role: handles} of those roles that somebody holds."""
    return {row["role"]: row["holders"] for row in people["roles"] if row["holders"]}


def test_every_role_is_shown_with_who_holds_it(ana, incident, path):
    RoleAssignmentFactory(incident=incident, user=ana)

    status, people = Machine(ana, "read").get(f"{path}/roles")

    assert status == 200
    slugs = [role.slug for role in incident.level.version.roles.all()]
    assert [row["role"] for row in people["roles"]] == slugs
    assert people["roles"][0] == {
        "role": "commander",
        "name": "Commander",
        "kind": "commander",
        "holders": ["ana"],
        "began_at": "2026-04-18T12:23:00Z",
        "duties": [],
    }
    assert (holders(people), people["offers"], people["here"]) == ({"commander": ["ana"]}, [], [])


def test_a_role_is_taken_given_and_left(ana, jens, incident, path):
    machine = Machine(ana)

    taken = machine.post(f"{path}/roles/scribe/take", "")
    given = machine.post(f"{path}/roles/investigator/give", {"user": "@Jens"})
    left = machine.post(f"{path}/roles/scribe/leave", {})

    assert [status for status, _ in (taken, given, left)] == [200, 200, 200]
    assert [holders(people) for _, people in (taken, given, left)] == [
        {"scribe": ["ana"]},
        {"scribe": ["ana"], "investigator": ["jens"]},
        {"investigator": ["jens"]},
    ]
    rows = incident.entries.order_by("number").values_list("text", "author__handle", "via")
    assert list(rows) == [
        ("@ana is scribe", "ana", "api"),
        ("@jens is investigator", "ana", "api"),
        ("@ana is no longer scribe", "ana", "api"),
    ]


def test_command_is_taken_from_its_holder_by_naming_them(ana, jens, incident, path):
    RoleAssignmentFactory(incident=incident, user=jens)
    machine = Machine(ana)

    refused = machine.post(f"{path}/roles/commander/take", {})
    wrong = machine.post(f"{path}/roles/commander/take", {"takes_from": "rung"})
    status, people = machine.post(f"{path}/roles/commander/take", {"takes_from": "jens"})

    sentence = "@jens is commander now; name them in takes_from to take it from them without a handover."
    assert refused == (409, {"detail": sentence, "field": ""})
    sentence = "@jens is commander by now; look again before you take it from them."
    assert wrong == (409, {"detail": sentence, "field": ""})
    assert (status, holders(people)) == (200, {"commander": ["ana"]})


def test_to_give_what_one_commands_is_to_offer_it(ana, jens, incident, path):
    RoleAssignmentFactory(incident=incident, user=ana)

    status, people = Machine(ana).post(f"{path}/roles/commander/give", {"user": "jens"})

    offer = {"number": 1, "role": "commander", "from_user": "ana", "to_user": "jens"}
    assert (status, holders(people), people["offers"]) == (200, {"commander": ["ana"]}, [offer])


@pytest.mark.parametrize(
    ("door", "asked", "status", "detail", "field"),
    [
        ("roles/scribe/give", {"user": "nobody"}, 422, "There is nobody called @nobody here.", "user"),
        ("roles/scribe/take", {"takes_from": "nobody"}, 422, "There is nobody called @nobody here.", "takes_from"),
        ("roles/scribe/give", {}, 422, "Give “user”.", "user"),
        ("roles/scribe/leave", {}, 409, "@ana is not scribe here.", ""),
        ("handovers", {"role": "commander", "to": "jens"}, 409, "Only whoever is commander hands it over.", ""),
        ("handovers", {"role": "commander", "to": "nobody"}, 422, "There is nobody called @nobody here.", "to"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    ana, jens, incident, path, door, asked, status, detail, field
):
    assert Machine(ana).post(f"{path}/{door}", asked) == (status, {"detail": detail, "field": field})
    assert (incident.role_assignments.count(), incident.entries.count()) == (0, 0)


def test_a_role_of_no_ladder_is_refused_with_those_there_are(ana, path):
    known = "commander, deputy, comms, scribe, investigator"
    sentence = f"There is no role “cook” here; this ladder has: {known}."

    assert Machine(ana).post(f"{path}/roles/cook/take", {}) == (422, {"detail": sentence, "field": "role"})


# --- handovers ---


def test_command_is_handed_over_with_a_brief_and_accepted(ana, jens, incident, path):
    RoleAssignmentFactory(incident=incident, user=ana)
    mine, theirs = Machine(ana), Machine(jens)

    status, offer = mine.post(f"{path}/handovers", {"role": "commander", "to": "jens"})
    read = theirs.get(f"{path}/handovers/1")
    refused = mine.post(f"{path}/handovers/1/accept", {})
    accepted = theirs.post(f"{path}/handovers/1/accept", {})

    assert (status, offer["from_user"], offer["to_user"], offer["accepted_at"]) == (201, "ana", "jens", None)
    assert read == (200, offer)
    assert incident.summary in offer["brief"]
    sentence = "It was offered to @jens; only they accept or decline it."
    assert refused == (403, {"detail": sentence, "field": ""})
    assert accepted == (200, {**offer, "accepted_at": "2026-04-18T12:23:00Z"})
    assert holders(mine.get(f"{path}/roles")[1]) == {"commander": ["jens"]}
    assert incident.entries.order_by("-number").values_list("author__handle", "via").first() == ("jens", "api")


@pytest.mark.parametrize(("answer", "who", "stamp"), [("decline", 1, "declined_at"), ("take-back", 0, "withdrawn_at")])
def test_an_offer_that_is_declined_or_taken_back_leaves_the_role_where_it_was(
    ana, jens, incident, path, answer, who, stamp
):
    RoleAssignmentFactory(incident=incident, user=ana)
    machines = Machine(ana), Machine(jens)
    machines[0].post(f"{path}/handovers", {"role": "commander", "to": "jens"})

    status, offer = machines[who].post(f"{path}/handovers/1/{answer}", {})
    late = machines[1].post(f"{path}/handovers/1/accept", {})

    assert (status, offer[stamp]) == (200, "2026-04-18T12:23:00Z")
    sentence = "This offer of the role commander is over; nothing was changed."
    assert late == (409, {"detail": sentence, "field": ""})
    assert holders(machines[0].get(f"{path}/roles")[1]) == {"commander": ["ana"]}


# --- here without a role ---


def test_who_joins_is_here_once_and_who_leaves_is_not(ana, incident, path):
    machine = Machine(ana)

    here = [machine.post(f"{path}/{door}", {})[1]["here"] for door in ("join", "join", "leave", "leave")]

    assert here == [["ana"], ["ana"], [], []]
    rows = incident.entries.order_by("number").values_list("text", "via")
    assert list(rows) == [("@ana is here too", "api"), ("@ana left", "api")]


def test_whoever_holds_a_role_acts_though_they_may_else_only_read(incident, path):
    viewer = UserFactory(viewer=True)
    RoleAssignmentFactory(incident=incident, user=viewer)

    assert Machine(viewer).post(f"{path}/status", {"status": "identified"})[0] == 200
    assert Machine(viewer, "read").post(f"{path}/status", {"status": "monitoring"})[0] == 403
