"""Cases from other systems' published tests and documents, run against oncall.py as decisions.json decides.

`MUSTER_VECTORS` names another folder with cases of the same kinds. What a case writes down itself is
no decision of the product: turns by active days, overrides with a priority, and whom an override replaces.
"""

import dataclasses
import json
import os
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.windows import EVERY_DAY, Window
from escalation.enums import OverrideKind, ShiftUnit
from escalation.intake.calendar import read_calendar
from escalation.oncall import (
    FixedSpec,
    OverrideSpec,
    RotationSpec,
    ScheduleSpec,
    TemporarySpec,
    keep_present,
    resolve,
    shifts,
)

FOLDER = Path(os.environ.get("MUSTER_VECTORS", Path(__file__).parent / "vectors"))
CASES = json.loads((FOLDER / "rotations.json").read_text())["cases"]
DECISIONS = json.loads((FOLDER / "decisions.json").read_text())
UNITS = {
    "minute": ShiftUnit.MINUTES,
    "hour": ShiftUnit.HOURS,
    "day": ShiftUnit.DAYS,
    "week": ShiftUnit.WEEKS,
    "month": ShiftUnit.MONTHS,
    "none": ShiftUnit.WEEKS,
    "active_days": ShiftUnit.ACTIVE_DAYS,
    "calendar_week": ShiftUnit.CALENDAR_WEEKS,
    "calendar_month": ShiftUnit.CALENDAR_MONTHS,
}
WEEKDAYS = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), 1)}
LONG_AGO = "1970-01-05T00:00"
"""Where a layer without turns begins."""


# --- which expectation is ours --------------------------------------------------------------------------------------
def decided(case: dict[str, Any]) -> dict[str, Any]:
    """Our decisions for this case: those of the product, and what the case writes down itself."""
    decisions = dict(DECISIONS)
    advances = {layer["rotation"].get("advance") for layer in case["layers"]} - {None}
    if advances:
        decisions["restricted_advance"] = "active_only" if "active_days" in advances else "calendar"
    if any("priority" in override for override in case.get("overrides", [])):
        decisions["override_overlap"] = "priority"
    if "override_target" in case.get("decision", {}):
        kinds = {override["type"] for override in case.get("overrides", [])}
        decisions["override_target"] = "whoever_is_on_call" if kinds == {"cover"} else "named_user"
    return decisions


def expectation(case: dict[str, Any]) -> dict[str, Any] | None:
    """The case itself or its first alternative that agrees with our decisions."""
    ours = decided(case)
    for choice in (case, *case.get("alternatives", [])):
        asked = {**case.get("decision", {}), **choice.get("decision", {})}
        if all(ours.get(key) == value for key, value in asked.items()):
            return choice
    return None


def skipped(case: dict[str, Any]) -> str:
    """Why the case cannot be played, or nothing."""
    return "" if expectation(case) else f"another decision: {', '.join(case['decision'])}"


# --- the case as data of oncall.py ----------------------------------------------------------------------------------
def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def window_edges(case: dict[str, Any]) -> tuple[datetime, datetime]:
    return moment(case["window"]["start_utc"]), moment(case["window"]["end_utc"])


def clock(text: str) -> time:
    return time.fromisoformat("00:00" if text == "24:00" else text)


def seconds(rotation: dict[str, Any], field: str) -> timedelta | None:
    return timedelta(seconds=rotation[field]) if rotation.get(field) else None


def window_of(restriction: dict[str, Any]) -> Window:
    start, end = clock(restriction["start"]), clock(restriction["end"])
    if restriction["type"] == "weekly":
        return Window.weekly(WEEKDAYS[restriction["start_day"]], start, WEEKDAYS[restriction["end_day"]], end)
    return Window.daily(start, end, [WEEKDAYS[day] for day in restriction.get("days") or WEEKDAYS])


def turns_of(rotation: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    turns = tuple(tuple(one) if isinstance(one, list) else (one,) for one in rotation["participants"])
    return (tuple(person for turn in turns for person in turn),) if rotation["unit"] == "none" else turns


def unit_of(rotation: dict[str, Any]) -> ShiftUnit:
    advance = rotation.get("advance", "calendar")
    return UNITS[rotation["unit"] if advance == "calendar" else advance]


def rotation_of(layer: dict[str, Any], case: dict[str, Any]) -> RotationSpec:
    rotation = layer["rotation"]
    day, at = rotation.get("start_local", LONG_AGO).split("T")
    return RotationSpec(
        turns=turns_of(rotation),
        unit=unit_of(rotation),
        length=rotation.get("length", 1),
        starts_on=date.fromisoformat(day),
        hands_off_at=time.fromisoformat(at),
        zone=ZoneInfo(layer.get("timezone", case["timezone"])),
        rank=0 if case["combine"] == "union" else layer.get("priority", 0),
        name=layer.get("name", ""),
        starts_at=moment(layer["effective_from_utc"]) if layer.get("effective_from_utc") else None,
        ends_at=moment(layer["until_utc"]) if layer.get("until_utc") else None,
        active_days=tuple(WEEKDAYS[day] for day in rotation.get("active_days") or ()) or EVERY_DAY,
        shift_length=seconds(rotation, "shift_duration_seconds") or seconds(rotation, "duration_seconds"),
        windows=tuple(window_of(restriction) for restriction in layer.get("restrictions") or ()),
    )


def fixed(rows: list[list[str]]) -> tuple[tuple[datetime, datetime, tuple[str, ...]], ...]:
    return tuple((moment(start), moment(end), (person,)) for start, end, person in rows)


def imported(case: dict[str, Any]) -> tuple[tuple[datetime, datetime, tuple[str, ...]], ...]:
    """The shifts of the calendars of a case, texts of RFC 5545, over its window."""
    texts = case.get("ical") or []
    start, end = window_edges(case)
    return tuple(
        (shift.start, shift.end, shift.names)
        for text in ([texts] if isinstance(texts, str) else texts)
        for shift in read_calendar(text, zone=ZoneInfo(case["timezone"]), start=start, end=end)
    )


def override_of(override: dict[str, Any], age: int, covers: bool) -> OverrideSpec | TemporarySpec:
    start, end = moment(override["start_utc"]), moment(override["end_utc"])
    if override.get("until_utc"):
        end = min(end, moment(override["until_utc"]))
    if override["type"] == "temporary_schedule":
        return TemporarySpec(age, start, end, fixed(override["shifts"]))
    kind = OverrideKind.COVER if covers and override["type"] == "replace" else OverrideKind(override["type"])
    replaced = override.get("remove") if kind != OverrideKind.COVER else None
    return OverrideSpec(age, kind, start, end, override.get("add"), replaced)


def levelled(overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Covers of one priority are on call together: where an earlier one covers already, the later one is added."""
    whole: list[dict[str, Any]] = []
    for one in overrides:
        if "priority" not in one or one["type"] != "cover":
            whole.append(one)
            continue
        alike = [o for o in whole if o["type"] == "cover" and o.get("priority") == one["priority"]]
        edges = {one["start_utc"], one["end_utc"]} | {o[edge] for o in alike for edge in ("start_utc", "end_utc")}
        inside = sorted(edge for edge in edges if one["start_utc"] <= edge <= one["end_utc"])
        for start, end in pairwise(inside):
            shared = any(o["start_utc"] <= start < o["end_utc"] and o["add"] != one["add"] for o in alike)
            whole.append({**one, "start_utc": start, "end_utc": end, "type": "add" if shared else "cover"})
    return whole


def by_age(overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the header ranks them: a higher priority beats a lower one, and a temporary schedule all else."""
    return sorted(levelled(overrides), key=lambda one: (one["type"] == "temporary_schedule", one.get("priority", 0)))


def schedule_of(case: dict[str, Any]) -> ScheduleSpec:
    # "Override outside the shift: cover" reads an override of a named person as one of whoever is on call.
    choice = expectation(case) or case
    covers = choice.get("decision", {}).get("override_outside_shift") == "cover"
    return ScheduleSpec(
        rotations=tuple(rotation_of(layer, case) for layer in case["layers"]),
        overrides=tuple(override_of(one, age, covers) for age, one in enumerate(by_age(case.get("overrides", [])))),
        fixed=(FixedSpec((*fixed(case.get("fixed_shifts") or []), *imported(case))),),
    )


def history_of(case: dict[str, Any], start: datetime, end: datetime) -> list[tuple[datetime, datetime, ScheduleSpec]]:
    """The schedule as it stood from when to when, in order, over the window."""
    spec, since, past = schedule_of(case), start, []
    for change in sorted(case.get("membership_changes", []), key=lambda change: change["at_utc"]):
        at = min(max(moment(change["at_utc"]), start), end)
        past.append((since, at, spec))
        since = at
        spec = changed(spec, change, case)
    return [(began, ended, one) for began, ended, one in [*past, (since, end, spec)] if began < ended]


def changed(spec: ScheduleSpec, change: dict[str, Any], case: dict[str, Any]) -> ScheduleSpec:
    """The schedule after its first rotation was made or got other people."""
    if "rotation" in change:
        made = rotation_of({"priority": 0, **change}, case)
        return ScheduleSpec((made, *spec.rotations[1:]), spec.overrides, spec.fixed)
    before = spec.rotations[0]
    turns = turns_of({"unit": "", "participants": change["participants"]})
    after = keep_present(before, dataclasses.replace(before, turns=turns), moment(change["at_utc"]))
    return ScheduleSpec((after, *spec.rotations[1:]), spec.overrides, spec.fixed)


PLAYED = [case for case in CASES if not skipped(case)]
SKIPPED = Counter(reason for case in CASES if (reason := skipped(case)))


# --- the cases ------------------------------------------------------------------------------------------------------
def by_person(history: list[tuple[datetime, datetime, ScheduleSpec]]) -> list[list[str]]:
    """Final intervals person by person, neighbours merged, as the vectors write them."""
    merged: list[tuple[datetime, datetime, str]] = []
    for shift in [shift for start, end, spec in history for shift in shifts(spec, start, end)]:
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
    choice = expectation(case)
    assert choice is not None

    assert by_person(history_of(case, *window_edges(case))) == choice["expected"]


@pytest.mark.parametrize("case", PLAYED, ids=[case["id"] for case in PLAYED])
def test_the_present_moment_agrees_with_the_intervals(case: dict[str, Any]) -> None:
    for start, end, spec in history_of(case, *window_edges(case)):
        line = shifts(spec, start, end)
        for step in range(97):
            at = start + (end - start) * step / 97
            assert resolve(spec, at).users == next((s.users for s in line if s.start <= at < s.end), ())
        for text, people in case.get("expected_instants", []):
            if start <= moment(text) < end:
                assert sorted(map(str, resolve(spec, moment(text)).users)) == sorted(people)


def test_every_case_is_played_or_skipped_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nrotations.json: {len(PLAYED)} of {len(CASES)} played; skipped: {dict(SKIPPED.most_common())}")  # noqa: T201
    assert len(PLAYED) + SKIPPED.total() == len(CASES)
