"""`manage.py policy`: apply, plan, export; wrong files leave nothing behind."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Ladder, LadderVersion
from incidents.policy_file import document_of, preset_names, read_document
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import OverrideFactory, StepTargetFactory, make_policy, make_schedule
from tests.factories.policy import apply_preset, preset_text, read_preset

pytestmark = pytest.mark.django_db


def policy(*arguments: str) -> tuple[str, str]:
    """What the command writes to its two outputs."""
    out, err = StringIO(), StringIO()
    call_command("policy", *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def changed(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(preset_text("pager").replace("within: 48 h", "within: 72 h", 1))
    return str(path)


def test_a_preset_is_applied_to_an_empty_database_and_says_what_it_misses() -> None:
    out, err = policy("apply", "pager")

    assert out == (
        "The ladder “Pager” (pager) is new, with the levels SEV1, SEV2, SEV3.\nPager: version 1 is in force.\n"
    )
    assert [line.split(" yet")[0] for line in err.splitlines()] == [
        "Warning: There are no escalation policies called “engineering-manager” and “platform-primary”",
        "Warning: There is no standing channel called “incidents”",
    ]
    assert LadderVersion.objects.get().created_by is None


def test_applying_it_again_says_that_nothing_changes() -> None:
    policy("apply", "pager")
    assert policy("apply", "pager")[0] == "Nothing changes.\nPager: version 1 stays in force.\n"
    assert LadderVersion.objects.count() == 1


def test_a_plan_tells_and_does_nothing(changed: str) -> None:
    policy("apply", "pager")
    assert policy("plan", changed)[0] == "SEV1: a postmortem is owed within 72 h, was 48 h.\n"
    assert LadderVersion.objects.count() == 1


def test_a_file_is_applied_with_the_reason_for_the_history(changed: str) -> None:
    policy("apply", "pager")
    out, _ = policy("apply", changed, "--note", "Two days were too short.")
    assert out.endswith("Pager: version 2 is in force.\n")
    assert LadderVersion.objects.get(number=2).note == "Two days were too short."


def test_a_second_ladder_is_made_the_default_when_asked_for(tmp_path: Path) -> None:
    policy("apply", "pager")
    path = tmp_path / "other.yaml"
    path.write_text(preset_text("pager").replace("ladder: pager", "ladder: other"))
    policy("apply", str(path))
    assert Ladder.objects.get(is_default=True).slug == "pager"
    policy("apply", str(path), "--default")
    assert Ladder.objects.get(is_default=True).slug == "other"


def test_an_export_is_a_file_that_can_be_applied(tmp_path: Path) -> None:
    version = apply_preset("pager")
    out, _ = policy("export")
    assert out.startswith("# Pager, version 1, as exported by Muster.\nladder: pager\n")
    assert read_document(out) == document_of(version) == read_preset("pager")

    path = tmp_path / "out.yaml"
    assert policy("export", "pager", "--output", str(path)) == ("", "")
    assert path.read_text() == out
    assert policy("apply", str(path))[0].startswith("Nothing changes.\n")


def test_an_invalid_file_changes_nothing_and_tells_line_field_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    text = preset_text("pager").replace("respond_within: 15 min", "respond_within: soon")
    path.write_text(text.replace("rank: 3", "rank: 2"))

    with pytest.raises(CommandError) as caught:
        policy("apply", str(path))

    lines = text.splitlines()
    soon = lines.index("    respond_within: soon") + 1
    assert caught.value.returncode == 1
    assert str(caught.value) == (
        f"{path}, line {soon}, levels[SEV2].respond_within: “soon” is not a target; write “5 min”, “48 h”, "
        "“next business day”, “2 business days”, “immediate”, “best effort” or “next sprint”."
    )
    assert (Ladder.objects.count(), LadderVersion.objects.count()) == (0, 0)


def test_contradictions_are_told_once_every_field_makes_sense(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(preset_text("pager").replace("rank: 3", "rank: 2"))
    line = preset_text("pager").splitlines().index("    rank: 3") + 1
    with pytest.raises(CommandError) as caught:
        policy("plan", str(path))
    assert str(caught.value) == (
        f"{path}, line {line}, levels[SEV3].rank: “2” is used by another entry as well; each must be different."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["apply", "nowhere.yaml"],
            "There is no file nowhere.yaml and no preset of that name; presets are follow-the-sun, pager, phases, "
            "platform, response-teams.",
        ),
        (["export"], "There is no ladder called the default; ladders are: none yet."),
        (["export", "nope"], "There is no ladder called nope; ladders are: none yet."),
    ],
)
def test_what_does_not_exist_is_told(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        policy(*arguments)
    assert (str(caught.value), caught.value.returncode) == (sentence, 1)


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    apply_preset("pager")
    target = tmp_path / "no" / "such.yaml"
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        policy("export", "--output", str(target))


def test_lint_says_what_is_wrong_with_escalation_policies_and_fails_until_nothing_is() -> None:
    ana, boss = ReachableUserFactory(handle="ana"), ReachableUserFactory(handle="boss")
    make_policy(ana, slug="sound", last_resort=boss)
    make_policy(ana, ana, slug="torn", last_resort=boss)
    out = StringIO()

    with pytest.raises(CommandError, match=r"^1 thing is wrong\.$"):
        call_command("policy", "lint", stdout=out, no_color=True)

    assert out.getvalue() == "torn: Step 2 rings only @ana, whom the step before it rings already.\n"
    assert policy("lint", "sound") == ("Nothing is wrong.\n", "")
    with pytest.raises(CommandError, match="There is no escalation policy called “nothing”"):
        policy("lint", "sound", "nothing")


def test_lint_asks_at_a_chosen_moment_of_the_organisations_zone() -> None:
    policy_of_rows = make_policy(ReachableUserFactory(), slug="sound", last_resort=ReachableUserFactory())
    span = {"starts_at": NOW + timedelta(days=60), "ends_at": NOW + timedelta(days=61)}
    schedule = make_schedule(ana := ReachableUserFactory(), name="Primary")
    StepTargetFactory(step=policy_of_rows.steps.get(), on_call=schedule)
    OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=ana, **span)

    assert policy("lint", "sound", "--at", "2026-04-18 14:15") == ("Nothing is wrong.\n", "")
    with pytest.raises(CommandError, match="2 things are wrong"):
        policy("lint", "sound", "--at", "2026-06-17 20:00")
    with pytest.raises(CommandError, match="Write the day and the time like 2026-04-18 14:15"):
        policy("lint", "--at", "tomorrow")


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_is_planned_applied_and_exported_from_an_empty_database(preset: str) -> None:
    new = f"The ladder “{read_preset(preset).name}” ({preset}) is new"

    assert policy("plan", preset)[0].startswith(new)
    assert Ladder.objects.count() == 0
    assert policy("apply", preset)[0].startswith(new)
    assert read_document(policy("export", preset)[0]) == read_preset(preset)
    assert policy("apply", preset)[0].startswith("Nothing changes.")


def test_a_chain_that_rings_otherwise_than_the_ladder_wants_is_said() -> None:
    ana = ReachableUserFactory()
    for slug in ("founder", "engineering-manager"):
        on_call = make_schedule(ana, slug=slug)
        StepTargetFactory(step__policy=make_policy(slug=slug), on_call=on_call)

    warnings = [line for line in policy("plan", "follow-the-sun")[1].splitlines() if "does not ring" in line]

    assert warnings == [
        "Warning: The escalation policy “engineering-manager” does not ring as this ladder wants: "
        "engineering manager on call, then founder on call."
    ]
