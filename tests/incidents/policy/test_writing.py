"""Export and apply are each other's mirror."""

import string
from datetime import date, time
from zoneinfo import available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import MUSTER
from incidents.actions.ladder import apply_document
from incidents.enums import ChatMode, CommanderRule, PromiseKind, RoleKind, WatchOrder
from incidents.models import LadderVersion
from incidents.policy_file import document_of, fields_of, preset_names, read_document, read_fields, write_document
from tests.factories import NOW
from tests.factories.policy import apply_preset, fetched, read_preset, whole_policy


@pytest.mark.django_db
@pytest.mark.parametrize("name", preset_names())
def test_an_exported_preset_parses_to_the_same_document_and_changes_nothing(name: str) -> None:
    version = apply_preset(name)

    text = write_document(document_of(version), head="anything")

    assert read_document(text) == read_preset(name)
    assert apply_document(read_document(text), by=MUSTER, now=NOW) == version
    assert LadderVersion.objects.count() == 1


@pytest.mark.django_db
def test_an_export_is_the_same_text_each_time() -> None:
    version = apply_preset("pager")
    text = write_document(document_of(version))
    assert write_document(document_of(fetched(version))) == text
    assert write_document(read_document(text)) == text


@pytest.mark.django_db
def test_every_list_of_a_ladder_survives_the_database_and_the_file() -> None:
    document = read_document(whole_policy())
    version = fetched(apply_document(document, by=MUSTER, now=NOW))

    assert document_of(version) == document
    assert read_document(write_document(document)) == document
    assert read_fields(fields_of(document)) == document


slugs = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda text: text.split()
)
lines = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), max_size=4).map("\n".join)
durations = st.integers(1, 999).flatmap(lambda n: st.sampled_from([f"{n} s", f"{n} min", f"{n} h", f"{n} days"]))
targets = st.one_of(durations, st.sampled_from(["next business day", "3 business days", "best effort", "immediate"]))


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), strategy)


@st.composite
def made_up_levels(draw: st.DrawFn, position: int) -> dict[str, object]:
    rule = draw(st.sampled_from([CommanderRule.DECLARER, CommanderRule.ON_CALL, CommanderRule.NOBODY]))
    late = draw(st.booleans())
    duty = {
        "what": draw(st.sampled_from([PromiseKind.POSTMORTEM, PromiseKind.CUSTOMER_EMAIL, PromiseKind.FIRST_UPDATE])),
        "within": draw(targets),
        "by": "boss",
        "to": draw(st.lists(slugs, unique=True, max_size=3)),
        "deputy": "boss" if late else None,
        "deputy_after": draw(durations) if late else None,
    }
    return {
        "name": f"L{position}",
        "rank": str(position),
        "criteria": draw(words),
        "examples": draw(st.lists(words, max_size=3)),
        "acknowledge_within": draw(maybe(targets)),
        "rings_until_answered": draw(st.sampled_from(["yes", "no"])),
        "silent_after": draw(maybe(durations)),
        "respond_within": draw(maybe(targets)),
        "commander": {"rule": rule, "schedule": draw(slugs) if rule == CommanderRule.ON_CALL else None},
        "pages": [{"group": f"group {n}", "policy": draw(slugs)} for n in range(draw(st.integers(0, 2)))],
        "chat": draw(st.sampled_from([{}, {"mode": ChatMode.ROOM}, {"mode": ChatMode.THREAD, "channel": "main"}])),
        "status_document": draw(st.sampled_from(["yes", "no"])),
        "watch": draw(
            st.one_of(st.none(), durations.map(lambda length: {"for": length, "order": WatchOrder.BEFORE_RESOLVED}))
        ),
        "owed": [duty] if draw(st.booleans()) else [],
    }


@st.composite
def made_up_ladders(draw: st.DrawFn) -> dict[str, object]:
    return {
        "ladder": draw(slugs),
        "name": draw(words),
        "description": draw(maybe(words)),
        "calendar": {
            "zone": draw(st.sampled_from(sorted(available_timezones()))),
            "holidays": draw(st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), unique=True, max_size=3)),
            "closes_at": draw(st.times().map(lambda at: time(at.hour, at.minute))),
        },
        "roles": [{"slug": "boss", "name": draw(words), "kind": RoleKind.COMMANDER, "duties": draw(lines)}],
        "levels": [draw(made_up_levels(position)) for position in range(draw(st.integers(1, 3)))],
    }


@given(made_up_ladders())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_survives_being_written_and_read(fields: dict[str, object]) -> None:
    document = read_fields(fields)
    assert read_document(write_document(document)) == document
