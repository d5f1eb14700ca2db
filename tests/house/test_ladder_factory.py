"""The ladder that tests stand on is whole: what is asserted here, every other test may take for granted."""

import pytest

from escalation.models import Policy
from tests.factories.accounts import UserFactory
from tests.factories.escalation import make_schedule
from tests.factories.incidents import IncidentFactory, level_of, make_entries, make_ladder


@pytest.mark.django_db
def test_a_made_ladder_has_three_levels_five_roles_what_is_owed_and_whom_to_page():
    ana, jens = UserFactory(), UserFactory()

    version = make_ladder(ana, jens)

    assert list(version.levels.values_list("name", "acknowledge_within", "respond_within", "watch_for")) == [
        ("SEV1", "5 min", "5 min", "30 min"),
        ("SEV2", "5 min", "15 min", "30 min"),
        ("SEV3", "5 min", "next business day", ""),
    ]
    assert list(version.roles.values_list("slug", flat=True)) == [
        "commander",
        "deputy",
        "comms",
        "scribe",
        "investigator",
    ]
    assert list(level_of(version, "SEV2").duties.values_list("kind", "within")) == [
        ("status_update", "30 min"),
        ("postmortem", "48 h"),
    ]
    assert [page.makes_commander for level in version.levels.all() for page in level.pages.all()] == [True] * 3
    steps = Policy.objects.get(slug=version.default_policy).steps.all()
    assert [[target.user for target in step.targets.all()] for step in steps] == [[ana], [jens]]


@pytest.mark.django_db
def test_entries_made_in_bulk_go_on_counting():
    incident = IncidentFactory()

    make_entries(incident, 3)
    make_entries(incident, 2)

    incident.refresh_from_db()
    assert incident.last_entry == 5
    assert sorted(incident.entries.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_a_private_incident_is_seen_by_those_it_was_made_private_to():
    ana, outsider = UserFactory(), UserFactory()
    incident = IncidentFactory(private_to=[ana])

    assert list(type(incident).objects.visible_to(ana)) == [incident]
    assert list(type(incident).objects.visible_to(outsider)) == []


@pytest.mark.django_db
def test_a_made_schedule_has_its_people_in_turn():
    ana, jens = UserFactory(), UserFactory()

    schedule = make_schedule(ana, jens)

    assert [place.user for place in schedule.rotations.get().places.all()] == [ana, jens]
