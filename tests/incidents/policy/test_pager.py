"""Every rule of document 000, asserted from the rows that its preset makes; and lost with its line."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.targets import Target
from incidents.enums import ChatMode, CommanderRule, PagedPolicy, PromiseKind, RoleKind, WatchOrder
from incidents.models import LadderVersion, Level
from incidents.policy_file import PolicyFileInvalid
from tests.factories.policy import apply_preset, apply_text, level_of, preset_text

pytestmark = pytest.mark.django_db

Check = Callable[[Level], bool]


def owed(level: Level) -> dict[str, str]:
    """{what: within} of a level."""
    return {duty.kind: duty.within for duty in level.duties.all()}


def told(level: Level) -> list[str]:
    """Where the status updates of a level go."""
    return [name for duty in level.duties.all() if duty.kind == PromiseKind.STATUS_UPDATE for name in duty.told_where]


def commands_by_answering(level: Level) -> bool:
    """The first who answers the page of the primary becomes commander."""
    marked = [page.group for page in level.pages.all() if page.makes_commander]
    return level.commander_rule == CommanderRule.FIRST_ANSWER and marked == ["primary"]


def criteria_name(*words: str) -> Check:
    return lambda level: all(word in level.criteria for word in words)


# (rule, level, the line that holds it, what the rows then say)
RULES: list[tuple[str, str, str, Check]] = [
    ("SEV1 is outage, data loss or breach", "SEV1", "criteria:", criteria_name("cannot use", "data may", "security")),
    (
        "SEV2 is degraded, broken or failing",
        "SEV2",
        "criteria:",
        criteria_name("degraded", "features", "requests fail"),
    ),
    ("SEV3 is internal or has a way around", "SEV3", "criteria:", criteria_name("no customer", "way around")),
    ("SEV1 is worked on in 5 min", "SEV1", "respond_within:", lambda level: level.respond_within == "5 min"),
    ("SEV2 is worked on in 15 min", "SEV2", "respond_within:", lambda level: level.respond_within == "15 min"),
    (
        "SEV3 is worked on by the next business day",
        "SEV3",
        "respond_within:",
        lambda level: level.respond_target == Target(business_days=1),
    ),
    *(
        rule
        for name in ("SEV1", "SEV2", "SEV3")
        for rule in (
            (
                f"{name} is acknowledged in 5 min",
                name,
                "acknowledge_within:",
                lambda level: level.acknowledge_target == Target(duration=timedelta(minutes=5)),
            ),
            (f"{name} opens a thread", name, "mode:", lambda level: level.chat_mode == ChatMode.THREAD),
            (f"{name} goes to #incidents", name, "channel:", lambda level: level.chat_channel == "incidents"),
            (f"{name} is commanded by who answers", name, "makes_commander:", commands_by_answering),
            (
                f"{name} pages the primary",
                name,
                "- group:",
                lambda level: (
                    [(page.group, page.policy_from) for page in level.pages.all()]
                    == [("primary", PagedPolicy.SERVICE)]
                ),
            ),
            (
                f"{name} is watched for half an hour",
                name,
                "for:",
                lambda level: level.watch_length == timedelta(minutes=30),
            ),
            (
                f"{name} is watched after it is resolved",
                name,
                "order:",
                lambda level: level.watch_order == WatchOrder.AFTER_RESOLVED,
            ),
        )
    ),
    *(
        rule
        for name, every in (("SEV1", "15 min"), ("SEV2", "30 min"))
        for rule in (
            (f"{name} has a status document", name, "status_document:", lambda level: level.status_document),
            (
                f"{name} is updated every {every}",
                name,
                f"within: {every}",
                lambda level, every=every: owed(level).get(PromiseKind.STATUS_UPDATE) == every,
            ),
            (
                f"{name} owes a status update",
                name,
                "- what: status_update",
                lambda level: PromiseKind.STATUS_UPDATE in owed(level),
            ),
            (f"{name} is updated in #incidents", name, "to:", lambda level: told(level) == ["incidents"]),
            (
                f"{name} has a postmortem in 48 h",
                name,
                "within: 48 h",
                lambda level: owed(level).get(PromiseKind.POSTMORTEM) == "48 h",
            ),
            (
                f"{name} has a postmortem",
                name,
                "- what: postmortem",
                lambda level: PromiseKind.POSTMORTEM in owed(level),
            ),
        )
    ),
]
NAMES = [rule[0] for rule in RULES]


def without_line(text: str, level: str, line: str) -> str:
    """`text` without the first line of `level` that begins with `line`."""
    head, name, tail = text.partition(f"  - name: {level}\n")
    shorter, found = re.subn(rf"^ *{re.escape(line)}.*\n", "", tail, count=1, flags=re.MULTILINE)
    assert found == 1
    return head + name + shorter


@pytest.fixture
def pager() -> LadderVersion:
    return apply_preset("pager")


@pytest.mark.parametrize(("level", "check"), [(rule[1], rule[3]) for rule in RULES], ids=NAMES)
def test_the_rows_hold_the_rule(pager: LadderVersion, level: str, check: Check) -> None:
    assert check(level_of(pager, level))


@pytest.mark.parametrize(("level", "line", "check"), [rule[1:] for rule in RULES], ids=NAMES)
def test_the_rule_is_lost_with_its_line(level: str, line: str, check: Check) -> None:
    try:
        version = apply_text(without_line(preset_text("pager"), level, line))
    except PolicyFileInvalid:
        return
    assert not check(level_of(version, level))


def test_three_levels_the_worst_first(pager: LadderVersion) -> None:
    assert [(level.name, level.rank) for level in pager.levels.all()] == [("SEV1", 1), ("SEV2", 2), ("SEV3", 3)]


def test_sev3_owes_no_status_document_no_update_and_no_postmortem(pager: LadderVersion) -> None:
    sev3 = level_of(pager, "SEV3")
    assert (sev3.status_document, owed(sev3)) == (False, {})


def test_the_commander_stops_the_bleeding_before_looking_for_the_cause(pager: LadderVersion) -> None:
    duties = [role.duties for role in pager.roles.all() if role.kind == RoleKind.COMMANDER]
    assert len(duties) == 1
    assert 0 <= duties[0].find("Stop the bleeding first.") < duties[0].find("root cause")


def test_the_duty_to_stop_the_bleeding_is_lost_with_its_line() -> None:
    text = re.sub(r"^ *Stop the bleeding first.*\n", "", preset_text("pager"), flags=re.MULTILINE)
    assert all("bleeding" not in role.duties for role in apply_text(text).roles.all())


def test_the_postmortem_blames_nobody(pager: LadderVersion) -> None:
    commander = next(role for role in pager.roles.all() if role.kind == RoleKind.COMMANDER)
    assert "It blames nobody." in commander.duties


def test_nothing_is_told_to_the_public_by_default(pager: LadderVersion) -> None:
    assert [level.is_public for level in pager.levels.all()] == [False, False, False]


def test_whatever_the_document_does_not_say_is_marked_as_ours() -> None:
    lines = preset_text("pager").splitlines()
    ours = ("default_policy:", "workdays:", "- slug: deputy", "remind_before:", "examples:", "public:")
    for position, line in enumerate(lines):
        if line.strip().startswith(ours):
            above = [text for text in lines[max(0, position - 2) : position] if text.strip().startswith("#")]
            assert any("Ours" in text for text in [line, *above]), f"line {position + 1}: {line}"
