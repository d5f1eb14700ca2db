"""A ladder gets a new version or none; nothing of an old one ever changes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actor import MUSTER, Actor
from accounts.enums import AccessLevel, TokenScope, Via
from core.errors import Conflict, InvalidInput, NotAllowed
from incidents.actions.ladder import apply_document, make_default_ladder, new_version
from incidents.models import Duty, Ladder, LadderVersion, Level, LevelPage, RoleDefinition
from incidents.policy_file import document_of, read_document
from incidents.queries.ladder import current_version, default_version
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.policy import apply_preset, apply_text, preset_text, read_preset

pytestmark = pytest.mark.django_db

PAGER = preset_text("pager")
OTHER = PAGER.replace("ladder: pager", "ladder: other").replace("name: Pager", "name: Other")


def with_phases(count: int) -> str:
    """The same with so many phases, each of so many items, instead of its own."""
    items = "".join(f"\n      - text: Item {number}" for number in range(count))
    phases = [f"  - slug: p{number}\n    name: Phase {number}\n    items:{items}" for number in range(count)]
    return "\n".join([PAGER[: PAGER.index("\nphases:")], "phases:", *phases])


def rows() -> list[int]:
    return [model.objects.count() for model in (Ladder, LadderVersion, RoleDefinition, Level, LevelPage, Duty)]


def test_a_first_policy_becomes_the_default_ladder_with_all_its_rows() -> None:
    ana = UserFactory(access=AccessLevel.ADMIN)

    version = apply_document(read_preset("pager"), by=Actor(user=ana), now=NOW)

    assert (version.number, version.created_at, version.created_by) == (1, NOW, ana)
    assert version.note == "The ladder “Pager” (pager) is new, with the levels SEV1, SEV2, SEV3."
    assert (version.ladder.slug, version.ladder.name, version.ladder.is_default) == ("pager", "Pager", True)
    assert rows() == [1, 1, 3, 3, 3, 4]
    assert default_version() == version


def test_applying_twice_changes_nothing() -> None:
    first = apply_preset("pager")
    assert apply_preset("pager", now=NOW + timedelta(days=1)) == first
    assert rows() == [1, 1, 3, 3, 3, 4]


def test_a_change_makes_the_next_version_and_leaves_the_old_one_as_it_was() -> None:
    first = apply_preset("pager")
    before = document_of(first)

    second = apply_text(PAGER.replace("within: 48 h", "within: 72 h").replace("name: Pager", "name: The pager"))

    assert (second.number, second.ladder.name) == (2, "The pager")
    assert second.note == (
        "The ladder is called “The pager”, was “Pager”. SEV1: a postmortem is owed within 72 h, was 48 h. "
        "SEV2: a postmortem is owed within 72 h, was 48 h."
    )
    old = LadderVersion.objects.get(number=1)
    assert document_of(old).levels == before.levels
    assert current_version(second.ladder) == second


def test_a_note_of_ones_own_is_kept_and_a_long_one_is_cut() -> None:
    assert apply_document(read_preset("pager"), by=MUSTER, now=NOW, note=" As agreed. ").note == "As agreed."
    changed = read_document(PAGER.replace("SEV", "Severity-"))
    note = apply_document(changed, by=MUSTER, now=NOW, note="x" * 301).note
    assert note == "x" * 299 + "…"


def test_a_second_ladder_is_not_the_default_until_it_is_made_so() -> None:
    first, second = apply_preset("pager"), apply_text(OTHER)
    assert [ladder.slug for ladder in Ladder.objects.filter(is_default=True)] == ["pager"]

    make_default_ladder(second.ladder, by=MUSTER, now=NOW)
    make_default_ladder(second.ladder, by=MUSTER, now=NOW)

    assert [ladder.slug for ladder in Ladder.objects.filter(is_default=True)] == ["other"]
    assert first.ladder.slug == "pager"


def test_a_ladder_that_says_nothing_is_never_the_default() -> None:
    empty = Ladder.objects.create(slug="empty", name="Empty")
    with pytest.raises(InvalidInput, match=r"Empty says nothing yet: apply a policy to it first\."):
        make_default_ladder(empty, by=MUSTER, now=NOW)


@pytest.mark.parametrize(
    "by",
    [
        lambda: Actor(user=UserFactory(access=AccessLevel.RESPONDER)),
        lambda: Actor(user=UserFactory(access=AccessLevel.VIEWER)),
        lambda: Actor(user=UserFactory(access=AccessLevel.ADMIN), via=Via.API, scope=TokenScope.RESPOND),
    ],
)
def test_only_an_admin_may_change_a_ladder(by) -> None:
    version = apply_preset("pager")
    changed = read_document(PAGER.replace("within: 48 h", "within: 72 h"))
    actor = by()
    with pytest.raises(NotAllowed, match=r"Only an admin may change a ladder\."):
        apply_document(changed, by=actor, now=NOW)
    with pytest.raises(NotAllowed):
        new_version(version.ladder, by=actor, now=NOW, document=changed)
    with pytest.raises(NotAllowed):
        make_default_ladder(version.ladder, by=actor, now=NOW)
    assert rows() == [1, 1, 3, 3, 3, 4]


def test_whoever_looked_at_an_older_version_is_told_who_was_quicker() -> None:
    ana = UserFactory(access=AccessLevel.ADMIN, handle="ana")
    apply_preset("pager")
    apply_document(read_document(PAGER.replace("48 h", "72 h")), by=Actor(user=ana), now=NOW)

    with pytest.raises(
        Conflict, match=r"Version 2 of Pager was made meanwhile by @ana\. Look at it, then try again\."
    ):
        apply_document(read_document(PAGER.replace("48 h", "24 h")), by=MUSTER, now=NOW, expected=1)

    assert LadderVersion.objects.count() == 2


def test_the_document_of_another_ladder_is_refused() -> None:
    version = apply_preset("pager")
    with pytest.raises(InvalidInput, match=r"This policy is for the ladder other, not for pager\."):
        new_version(version.ladder, by=MUSTER, now=NOW, document=read_document(OTHER))


def test_a_version_whose_last_row_cannot_be_written_leaves_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_postmortem() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$;"
            "CREATE TRIGGER refuse BEFORE INSERT ON incidents_duty FOR EACH ROW "
            "WHEN (NEW.kind = 'postmortem') EXECUTE FUNCTION refuse_postmortem();"
        )

    with pytest.raises(DatabaseError, match="broken on purpose"), transaction.atomic():
        apply_document(read_preset("pager"), by=MUSTER, now=NOW)

    assert rows() == [0, 0, 0, 0, 0, 0]


def test_the_database_itself_refuses_to_change_a_version() -> None:
    version = apply_preset("pager")
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete rows from incidents_level"),
        transaction.atomic(),
    ):
        Level.objects.filter(version=version, name="SEV1").update(respond_within="1 h")
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete rows from incidents_"),
        transaction.atomic(),
    ):
        LadderVersion.objects.filter(pk=version.pk).delete()
    assert document_of(version) == read_preset("pager")


def test_what_a_declaration_needs_is_fetched_in_six_queries_and_the_whole_in_as_many_however_long_it_is(
    django_assert_num_queries,
) -> None:
    ladder = apply_preset("pager").ladder
    with django_assert_num_queries(6):
        version = current_version(ladder)
        assert version is not None
        assert [len(level.pages.all()) for level in version.levels.all()] == [1, 1, 1]
    fetched = []
    for count in (1, 3):
        apply_text(with_phases(count))
        version = current_version(ladder)
        assert version is not None
        with CaptureQueriesContext(connection) as queries:
            assert [len(phase.items) for phase in document_of(version).phases] == [count] * count
        fetched.append(len(queries))
    assert fetched[0] == fetched[1]
