"""Cases from other systems' published tests and documents, run against oncall.py as decisions.json decides."""

import json
import os
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalation.enums import OverrideKind, ShiftUnit
from escalation.oncall import OverrideSpec, RotationSpec, ScheduleSpec, resolve, shifts

FOLDER = Path(os.environ.get("MUSTER_VECTORS", Path(__file__).parent / "vectors"))
CASES = json.loads((FOLDER / "rotations.json").read_text())["cases"]
DECISIONS = json.loads((FOLDER / "decisions.json").read_text())
UNITS = {
    "hour": ShiftUnit.HOURS,
    "day": ShiftUnit.DAYS,
    "week": ShiftUnit.WEEKS,
    "month": ShiftUnit.MONTHS,
    "none": ShiftUnit.WEEKS,
}
LONG_AGO = "1970-01-05T00:00"
"""Where a layer without turns begins."""


def expectation(case: dict[str, Any]) -> dict[str, Any] | None:
    """The case itself or its first alternative that agrees with our decisions."""
    for choice in (case, *case.get("alternatives", [])):
        decided = {**case.get("decision", {}), **choice.get("decision", {})}
        if all(DECISIONS[key] == value for key, value in decided.items()):
            return choice
    return None


def not_yet(case: dict[str, Any]) -> str:
    """Which shape of the case this issue has not built, or nothing."""
    layers, overrides = case["layers"], case.get("overrides", [])
    reasons = [
        ("another decision", expectation(case) is None),
        ("restrictions", any(layer.get("restrictions") for layer in layers)),
        ("turns by active days", any(layer["rotation"].get("advance", "calendar") != "calendar" for layer in layers)),
        ("shifts shorter than a turn", any("shift_duration_seconds" in layer["rotation"] for layer in layers)),
        ("effective from", any(layer.get("effective_from_utc") for layer in layers)),
        ("temporary schedule", any(o["type"] == "temporary_schedule" for o in overrides)),
        ("priority of overrides", any("priority" in o for o in overrides)),
        ("fixed shifts", bool(case.get("fixed_shifts"))),
        ("imported calendar", bool(case.get("ical"))),
        ("membership changes", bool(case.get("membership_changes"))),
        ("no layers at all", not layers and not overrides),
    ]
    return next((reason for reason, applies in reasons if applies), "")


PLAYED = [case for case in CASES if not not_yet(case)]
SKIPPED = Counter(reason for case in CASES if (reason := not_yet(case)))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def rotation_of(layer: dict[str, Any], case: dict[str, Any]) -> RotationSpec:
    rotation = layer["rotation"]
    day, clock = rotation.get("start_local", LONG_AGO).split("T")
    alone = rotation["unit"] == "none"
    turns = [one if isinstance(one, list) else [one] for one in rotation["participants"]]
    return RotationSpec(
        turns=(tuple(turns[0]),) if alone else tuple(tuple(turn) for turn in turns),
        unit=UNITS[rotation["unit"]],
        length=rotation.get("length", 1),
        starts_on=date.fromisoformat(day),
        hands_off_at=time.fromisoformat(clock),
        zone=ZoneInfo(layer.get("timezone", case["timezone"])),
        rank=0 if case["combine"] == "union" else layer["priority"],
        ends_at=moment(layer["until_utc"]) if layer.get("until_utc") else None,
    )


def schedule_of(case: dict[str, Any]) -> ScheduleSpec:
    return ScheduleSpec(
        rotations=tuple(rotation_of(layer, case) for layer in case["layers"]),
        overrides=tuple(
            OverrideSpec(
                key=age,
                kind=OverrideKind(o["type"]),
                start=moment(o["start_utc"]),
                end=min(moment(o["end_utc"]), moment(o.get("until_utc", o["end_utc"]))),
                user=o.get("add"),
                replaced=o.get("remove"),
            )
            for age, o in enumerate(case.get("overrides", []))
        ),
    )


def by_person(spec: ScheduleSpec, start: datetime, end: datetime) -> list[list[str]]:
    """Final intervals person by person, neighbours merged, as the vectors write them."""
    merged: list[tuple[datetime, datetime, str]] = []
    for shift in shifts(spec, start, end):
        for user in shift.users:
            before = next((one for one in merged if one[2] == user and one[1] == shift.start), None)
            if before:
                merged.remove(before)
            merged.append((before[0] if before else shift.start, shift.end, str(user)))
    return [
        [f"{began:%Y-%m-%dT%H:%M:%SZ}", f"{ended:%Y-%m-%dT%H:%M:%SZ}", user]
        for began, ended, user in sorted(merged, key=lambda one: (one[0], one[2]))
    ]


@pytest.mark.parametrize("case", PLAYED, ids=[case["id"] for case in PLAYED])
def test_the_final_intervals_are_those_of_the_case(case: dict[str, Any]) -> None:
    window = [moment(case["window"][edge]) for edge in ("start_utc", "end_utc")]
    choice = expectation(case)
    assert choice is not None

    assert by_person(schedule_of(case), *window) == choice["expected"]


@pytest.mark.parametrize("case", PLAYED, ids=[case["id"] for case in PLAYED])
def test_the_present_moment_agrees_with_the_intervals(case: dict[str, Any]) -> None:
    spec = schedule_of(case)
    start, end = (moment(case["window"][edge]) for edge in ("start_utc", "end_utc"))
    line = shifts(spec, start, end)

    for step in range(97):
        at = start + (end - start) * step / 97
        assert resolve(spec, at).users == next((s.users for s in line if s.start <= at < s.end), ())
    for at, people in case.get("expected_instants", []):
        assert sorted(map(str, resolve(spec, moment(at)).users)) == people


def test_every_case_is_played_or_skipped_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nrotations.json: {len(PLAYED)} of {len(CASES)} played; skipped: {dict(SKIPPED.most_common())}")  # noqa: T201
    assert len(PLAYED) + SKIPPED.total() == len(CASES)
