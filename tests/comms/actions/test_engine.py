"""A sweep leaves its mark, at most once a second; beat and the worker leave theirs."""

from datetime import timedelta

import pytest

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
