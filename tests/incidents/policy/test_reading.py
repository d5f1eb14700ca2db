"""A policy file is read exactly, or refused with the line, the field and the reason."""

from datetime import date, time

import pytest

from incidents.enums import CommanderRule, PromiseKind, WatchOrder
from incidents.policy_file import PolicyFileInvalid, read_document, read_fields

SMALL = """\
ladder: small
name: Small
roles:
  - slug: commander
    name: Commander
    kind: commander
levels:
  - name: P0
    rank: 0
    criteria: It is bad.
    commander:
      rule: declarer
    owed:
      - what: status_update
        within: 30 min
"""


def problems_of(text: str | bytes) -> list[tuple[int | None, str, str]]:
    with pytest.raises(PolicyFileInvalid) as caught:
        read_document(text)
    return [(problem.line, problem.field, problem.sentence) for problem in caught.value.problems]


def test_what_is_left_out_has_its_plain_default() -> None:
    document = read_document(SMALL)

    level = document.levels[0]
    assert (document.calendar.zone, document.calendar.workdays) == ("UTC", (1, 2, 3, 4, 5))
    assert document.calendar.closes_at == time(17, 0)
    assert (level.pages, level.public, level.status_document, level.watch) == ((), False, False, None)
    assert (level.rings_until_answered, level.silent_after) == (False, None)
    assert (level.owed[0].by, level.owed[0].to) == ("commander", ())


def test_words_are_read_as_a_person_writes_them() -> None:
    text = SMALL.replace("rule: declarer", "rule: Declarer").replace("within: 30 min", "within: 30 minutes")
    text += """\
    watch: {for: 1 hour, order: Before resolved}
    status_document: on
calendar:
  zone: Europe/Berlin
  workdays: [Monday, tue, WED]
  holidays: [2026-12-25]
  closes_at: 16:30
"""
    document = read_document(text)

    level = document.levels[0]
    assert level.commander.rule == CommanderRule.DECLARER
    assert (level.owed[0].what, level.owed[0].within) == (PromiseKind.STATUS_UPDATE, "30 min")
    assert level.watch is not None
    assert (level.watch.length, level.watch.order) == ("1 h", WatchOrder.BEFORE_RESOLVED)
    assert level.status_document is True
    assert document.calendar.workdays == (1, 2, 3)
    assert (document.calendar.holidays, document.calendar.closes_at) == ((date(2026, 12, 25),), time(16, 30))


def test_levels_are_kept_worst_first_whatever_their_order_in_the_file() -> None:
    text = SMALL + "  - {name: P-1, rank: 5, criteria: Mild., commander: {rule: nobody}}\n"
    swapped = text.replace("rank: 0", "rank: 9")
    assert [level.name for level in read_document(swapped).levels] == ["P-1", "P0"]


@pytest.mark.parametrize(
    ("before", "after", "line", "field", "sentence"),
    [
        (
            "within: 30 min",
            "within: 30 min\n        remind_befor: 5 min",
            16,
            "levels[P0].owed[status_update].remind_befor",
            "“remind_befor” is not known here; did you mean “remind_before”?",
        ),
        ("rank: 0", "rank: none", 9, "levels[P0].rank", "“none” is not a whole number."),
        ("rank: 0", "rank: -1", 9, "levels[P0].rank", "must be 0 or more."),
        ("rank: 0", "rank: 100", 9, "levels[P0].rank", "must be 99 or less."),
        (
            "rule: declarer",
            "rule: the boss",
            12,
            "levels[P0].commander.rule",
            "“the boss” is not known here; write one of first_answer, declarer, on_call, service_owner, nobody.",
        ),
        (
            "rule: declarer",
            "rule: on_call",
            11,
            "levels[P0].commander.schedule",
            "is missing: with the rule on_call, name the schedule.",
        ),
        (
            "      rule: declarer",
            "      {rule: declarer, schedule: em}",
            12,
            "levels[P0].commander.schedule",
            "is only used with the rule on_call, and the rule is declarer.",
        ),
        (
            "rule: declarer",
            "rule: first answer",
            12,
            "levels[P0].commander.rule",
            "nobody would ever command: mark one of the pages with “makes_commander: yes”, or choose another rule.",
        ),
        (
            "kind: commander",
            "kind: scribe",
            12,
            "levels[P0].commander.rule",
            "somebody commands at this level, but no role is of the kind commander.",
        ),
        (
            "within: 30 min",
            "within: best effort",
            15,
            "levels[P0].owed[status_update].within",
            "a status update comes every so often: write a duration like “30 min”, not “best effort”.",
        ),
        (
            "within: 30 min",
            "within: 30 min\n        by: butler",
            16,
            "levels[P0].owed[status_update].by",
            "“butler” is not a role of this ladder; its roles are commander.",
        ),
        (
            "within: 30 min",
            "within: 30 min\n        remind_before: 30 min",
            16,
            "levels[P0].owed[status_update].remind_before",
            "must be shorter than 30 min, or the reminder comes before the clock starts.",
        ),
        (
            "within: 30 min",
            "within: 30 min\n        deputy: commander",
            14,
            "levels[P0].owed[status_update].deputy_after",
            "is missing: say how long after the moment deputy is told.",
        ),
        (
            "within: 30 min",
            "within: 30 min\n        escalate_after: 5 min",
            16,
            "levels[P0].owed[status_update].escalate_after",
            "is not used without escalate_policy.",
        ),
        (
            "rank: 0",
            "rank: 0\n    chat: {mode: thread}",
            10,
            "levels[P0].chat.channel",
            "is missing: a thread needs the name of a standing channel.",
        ),
        (
            "rank: 0",
            "rank: 0\n    watch: {for: 5 min}",
            10,
            "levels[P0].watch.order",
            "is missing.",
        ),
        ("name: Small", "name: Small\nname: Large", 3, "name", "is given a second time; the first is in line 2."),
        ("name: Small\n", "", 1, "name", "is missing."),
        ("name: Small", "name:", 2, "name", "is missing."),
        ("name: Small", "name: ''", 2, "name", "must not be empty."),
        ("name: Small", f"name: {'x' * 121}", 2, "name", "is too long: at most 120 characters, these are 121."),
        ("name: Small", 'name: "a\\0b"', 2, "name", "holds a character that is no text (U+0000)."),
        ("name: Small", "name: [a, b]", 2, "name", "must be one text, not a list or a block."),
        (
            "ladder: small",
            "ladder: Not a slug",
            1,
            "ladder",
            "“Not a slug” is not a short name: use a-z, 0-9 and dashes, at most 50, like “platform-primary”.",
        ),
        (
            "name: Small",
            "name: Small\ncalendar: {zone: Berlin}",
            3,
            "calendar.zone",
            "“Berlin” is not an IANA time zone; write it like Europe/Berlin.",
        ),
        (
            "name: Small",
            "name: Small\ncalendar: {closes_at: 25:00}",
            3,
            "calendar.closes_at",
            "“25:00” is not a time of day; write it like 17:00.",
        ),
        (
            "name: Small",
            "name: Small\ncalendar: {holidays: [2026-02-30]}",
            3,
            "calendar.holidays[1]",
            "“2026-02-30” is not a day; write it like 2026-12-25.",
        ),
        ("name: Small", "name: Small\ncalendar: {workdays: []}", 3, "calendar.workdays", "needs at least one entry."),
        (
            "name: Small",
            "name: Small\ncalendar: {workdays: [funday]}",
            3,
            "calendar.workdays[1]",
            "“funday” is not a weekday; write mon, tue, wed, thu, fri, sat, sun.",
        ),
        (
            "name: P0",
            'name: "[P0]"',
            8,
            "levels[[P0]].name",
            "“[P0]” is no name for a level: letters, digits, dots and dashes, like “SEV1”.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_field_and_reason(
    before: str, after: str, line: int, field: str, sentence: str
) -> None:
    assert problems_of(SMALL.replace(before, after, 1)) == [(line, field, sentence)]


def test_every_mistake_is_told_in_the_order_of_the_file() -> None:
    text = SMALL.replace("rank: 0", "rank: x").replace("name: Small", "nom: Small").replace("30 min", "soon")
    assert [line for line, _, _ in problems_of(text)] == [1, 2, 9, 15]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 1, "A policy file begins with names and values, like “ladder: pager”."),
        ("just words", 1, "A policy file begins with names and values, like “ladder: pager”."),
        ("- a\n- list\n", 1, "A policy file begins with names and values, like “ladder: pager”."),
        ("ladder: a\n---\nladder: b\n", 2, "A second document begins here; one file holds one ladder."),
        ("ladder: &a x\nname: *a\n", 2, "“*” refers to another place; write the value here again."),
        ("ladder: a\nname: \x01\n", 2, "This line holds a character that is no text."),
        (b"ladder: a\nname: \xff\n", 2, "The file is not UTF-8."),
        ("ladder: a\nname: " + "[" * 2000, 2, "This is nested too deeply for a policy."),
        ("ladder: a\n? [x]\n: b\n", 2, "A name must be one word, not a list or a block."),
        ("x" * 200_001, None, "The file is longer than 200,000 characters: this is no policy."),
    ],
)
def test_what_is_no_policy_file_is_told_as_well(text: str | bytes, line: int | None, sentence: str) -> None:
    assert problems_of(text) == [(line, "", sentence)]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("ladder: a\nname: b: c\n", 2, "a “:” stands where none can; put the text in quotes, or begin a new line"),
        ("ladder: a\n\tname: b\n", 2, "a tab stands here; write spaces instead"),
        (
            "levels:\n  - name: a\n   rank: 1\n",
            3,
            "this line is not indented like its neighbours, or lacks its “-”",
        ),
        ("ladder: a\nname\nrank: 1\n", 3, "a name needs a “:” and a space behind it, here or in the line above"),
        ("ladder: 'a\nname: b\n", 3, "a quotation mark or a bracket was opened and is not closed"),
        ('ladder: "a\\q"\n', 1, "inside \"…\" a “\\” means something else; use '…' instead"),
        ("ladder: a\nname: @b\n", 2, "found character '@' that cannot start any token"),
    ],
)
def test_broken_yaml_is_told_with_its_line_and_what_to_do(text: str, line: int, what: str) -> None:
    assert problems_of(text) == [(line, "", f"This is not YAML: {what}.")]


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert read_document(b"\xef\xbb\xbf" + SMALL.encode()) == read_document(SMALL)


def test_names_used_twice_are_told_at_the_second() -> None:
    text = SMALL + "  - {name: p0, rank: 0, criteria: Again., commander: {rule: nobody}}\n"
    assert problems_of(text) == [
        (16, "levels[p0].name", "“p0” is used by another entry as well; each must be different."),
        (16, "levels[p0].rank", "“0” is used by another entry as well; each must be different."),
    ]


def test_a_ladder_has_one_commander_role() -> None:
    text = SMALL.replace("levels:", "  - {slug: chief, name: Chief, kind: commander}\nlevels:")
    assert problems_of(text) == [
        (7, "roles[chief].kind", "“commander” commands already; a ladder has one commander role at most.")
    ]


def test_fields_of_a_form_are_checked_by_the_same_rules() -> None:
    with pytest.raises(PolicyFileInvalid) as caught:
        read_fields({"ladder": "small", "name": "Small", "levels": [{"name": "P0", "rank": "0", "public": "si"}]})

    assert [(problem.path, problem.line, problem.sentence) for problem in caught.value.problems] == [
        (("levels", 0, "criteria"), None, "is missing."),
        (("levels", 0, "public"), None, "“si” is neither yes nor no."),
    ]
