"""A sweep leaves its mark, at most once a second; beat and the worker leave theirs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from comms.actions.engine import record_report, record_tick
from comms.enums import EnginePart
from comms.models import EngineReport, EngineTick

pytestmark = pytest.mark.django_db


def ticks():
    return dict(EngineTick.objects.values_list("sweep", "ticked_at"))


def test_each_sweep_has_one_row_with_its_last_tick(now):
    record_tick("a.sweep", now=now)
    record_tick("b.sweep", now=now)
    record_tick("a.sweep", now=now + timedelta(seconds=1))

    assert ticks() == {"a.sweep": now + timedelta(seconds=1), "b.sweep": now}


def test_within_a_second_it_changes_nothing(now):
    record_tick("a.sweep", now=now)
    record_tick("a.sweep", now=now + timedelta(seconds=0.9))

    assert ticks() == {"a.sweep": now}


def test_a_tick_from_before_the_clock_was_set_back_hides_no_silence(now):
    record_tick("a.sweep", now=now + timedelta(hours=1))
    record_tick("a.sweep", now=now)

    assert ticks() == {"a.sweep": now}


def test_a_clock_that_was_set_back_is_written_down_and_moves_what_waits_once(now):
    moved: list[timedelta] = []
    record_tick("a.sweep", now=now + timedelta(hours=1), move=moved.append)
    for seconds in (2, 3):
        record_tick("a.sweep", now=now + timedelta(seconds=seconds), move=moved.append)

    jump = timedelta(hours=1) - timedelta(seconds=2)
    assert moved == [jump]
    tick = EngineTick.objects.get()
    assert (tick.ticked_at, tick.set_back_at, tick.set_back_by) == (
        now + timedelta(seconds=3),
        now + timedelta(seconds=2),
        jump,
    )


def test_a_few_seconds_are_no_jump(now):
    moved: list[timedelta] = []
    record_tick("a.sweep", now=now + timedelta(seconds=5), move=moved.append)
    record_tick("a.sweep", now=now, move=moved.append)

    assert moved == []
    assert ticks() == {"a.sweep": now + timedelta(seconds=5)}
    assert EngineTick.objects.get().set_back_at is None


def test_two_workers_whose_clocks_differ_move_what_waits_once_and_not_at_every_tick(now):
    moved: list[timedelta] = []
    for second in range(5):
        record_tick("a.sweep", now=now + timedelta(minutes=2, seconds=second), move=moved.append)
        record_tick("a.sweep", now=now + timedelta(seconds=second), move=moved.append)

    assert moved == [timedelta(minutes=2)]


def test_a_jump_whose_rows_cannot_be_moved_is_seen_again(now):
    def fail(jump):
        raise IntegrityError

    record_tick("a.sweep", now=now + timedelta(hours=1))
    with pytest.raises(IntegrityError):
        record_tick("a.sweep", now=now, move=fail)

    assert ticks() == {"a.sweep": now + timedelta(hours=1)}
    assert EngineTick.objects.get().set_back_at is None


def test_a_tick_costs_one_statement(now, django_assert_num_queries):
    for seconds in (0, 1, 1.5):
        with django_assert_num_queries(1):
            record_tick("a.sweep", now=now + timedelta(seconds=seconds))


def test_each_process_has_one_row_with_its_start_and_its_last_report(now):
    later = now + timedelta(seconds=5)
    record_report(EnginePart.BEAT, began_at=now, now=now)
    record_report(EnginePart.WORKER, began_at=now, now=now)
    record_report(EnginePart.WORKER, began_at=later, now=later)

    assert list(EngineReport.objects.values_list("part", "began_at", "reported_at")) == [
        ("beat", now, now),
        ("worker", later, later),
    ]


def test_a_report_from_before_the_clock_was_set_back_hides_no_silence(now):
    record_report(EnginePart.BEAT, began_at=now, now=now + timedelta(hours=1))
    record_report(EnginePart.BEAT, began_at=now, now=now)

    assert EngineReport.objects.get().reported_at == now
