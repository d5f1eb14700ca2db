"""Who begins and ends maintenance, how long it lasts, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.actor import MUSTER
from core.errors import Conflict, InvalidInput, NotAllowed, WrongState
from escalation.actions.maintenance import end_maintenance, extend_maintenance, start_maintenance
from escalation.models import MaintenanceWindow, Service
from escalation.queries.maintenance import held_until, maintenance_board, maintenance_until, running_maintenance
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import MaintenanceWindowFactory, ServiceFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def begin(*services: Service, **how: Any) -> MaintenanceWindow:
    wanted = {"by": by(UserFactory()), "now": NOW, "reason": "Moving the database", "lasts": HOUR}
    return start_maintenance(services, **{**wanted, **how})


def test_maintenance_holds_its_services_alone_from_its_start_until_its_end() -> None:
    pipeline, website = ServiceFactory(), ServiceFactory()
    window = begin(pipeline)

    assert [maintenance_until(pipeline, NOW + after) for after in (-SECOND, timedelta(), HOUR - SECOND, HOUR)] == [
        None,
        NOW + HOUR,
        NOW + HOUR,
        None,
    ]
    assert (maintenance_until(website, NOW), maintenance_until(None, NOW)) == (None, None)
    assert [list(one.services.all()) for one in running_maintenance(NOW)] == [[pipeline]]
    assert (window.ends_at, window.reason) == (NOW + HOUR, "Moving the database")


def test_maintenance_may_be_planned_and_counts_from_its_start() -> None:
    pipeline = ServiceFactory()
    window = begin(pipeline, starts_at=NOW + HOUR, lasts=2 * HOUR)

    assert maintenance_until(pipeline, NOW) is None
    assert maintenance_until(pipeline, NOW + HOUR) == NOW + 3 * HOUR
    assert maintenance_board(NOW).coming == [window]


def test_of_two_windows_the_longer_one_counts_and_no_page_waits_longer_than_four_hours() -> None:
    pipeline = ServiceFactory()
    begin(pipeline, lasts=4 * HOUR)
    begin(pipeline, starts_at=NOW + 3 * HOUR, lasts=4 * HOUR)
    at = NOW + 3 * HOUR

    assert maintenance_until(pipeline, at) == NOW + 7 * HOUR
    assert held_until(pipeline, began_at=NOW, now=at) == NOW + 4 * HOUR
    assert held_until(pipeline, began_at=NOW, now=NOW + 4 * HOUR) is None
    assert held_until(pipeline, began_at=at, now=at) == NOW + 7 * HOUR


def test_ended_early_it_holds_nothing_any_more_and_says_who_ended_it() -> None:
    pipeline, ana = ServiceFactory(), UserFactory()
    window = begin(pipeline)

    end_maintenance(window, by=by(ana), now=NOW + 10 * SECOND)

    assert maintenance_until(pipeline, NOW + 10 * SECOND) is None
    window.refresh_from_db()
    assert (window.ended_at, window.ended_by) == (NOW + 10 * SECOND, ana)
    with pytest.raises(WrongState, match="is over"):
        end_maintenance(window, by=by(ana), now=NOW + 20 * SECOND)


def test_what_has_run_out_cannot_be_ended() -> None:
    with pytest.raises(WrongState, match="is over"):
        end_maintenance(begin(ServiceFactory()), by=by(UserFactory()), now=NOW + HOUR)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"lasts": timedelta(hours=4, seconds=1)}, "lasts"),
        ({"lasts": timedelta()}, "lasts"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"starts_at": NOW - SECOND}, "starts_at"),
        ({"starts_at": NOW + timedelta(days=91)}, "starts_at"),
    ],
)
def test_what_is_no_maintenance_is_refused_at_its_field(how: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        begin(ServiceFactory(), **how)

    assert (refused.value.field, MaintenanceWindow.objects.count()) == (field, 0)


def test_nothing_is_worked_on_is_refused() -> None:
    with pytest.raises(InvalidInput, match="which services"):
        begin()


def test_a_viewer_and_muster_itself_neither_begin_nor_extend_nor_end_it() -> None:
    window = begin(ServiceFactory())
    for who in (by(UserFactory(viewer=True)), MUSTER):
        with pytest.raises(NotAllowed):
            begin(ServiceFactory(), by=who)
        with pytest.raises(NotAllowed):
            end_maintenance(window, by=who, now=NOW)
        with pytest.raises(NotAllowed):
            extend_maintenance(window, by=who, now=NOW, ends_at=NOW + 2 * HOUR)

    assert list(MaintenanceWindow.objects.filter(ended_at__isnull=True)) == [window]


def test_it_is_extended_up_to_four_hours_from_its_beginning_and_says_by_whom() -> None:
    pipeline, ana = ServiceFactory(), UserFactory(time_zone="Europe/Berlin")
    window = begin(pipeline)
    later = NOW + HOUR - SECOND

    extend_maintenance(window, by=by(ana), now=later, ends_at=NOW + 4 * HOUR)

    window.refresh_from_db()
    assert (window.ends_at, window.extended_at, window.extended_by) == (NOW + 4 * HOUR, later, ana)
    assert (maintenance_until(pipeline, NOW + 3 * HOUR), window.later_ends) == (NOW + 4 * HOUR, [])
    with pytest.raises(InvalidInput, match="4 hours at most: this one until 2026-04-18 18:23 CEST at the latest"):
        extend_maintenance(window, by=by(ana), now=later, ends_at=NOW + 4 * HOUR + SECOND)


def test_a_second_press_extends_nothing_and_what_is_over_is_not_extended() -> None:
    window, ana = begin(ServiceFactory()), by(UserFactory())
    assert window.later_ends == [NOW + after * HOUR / 2 for after in (3, 4, 6)]
    extend_maintenance(window, by=ana, now=NOW, ends_at=NOW + 2 * HOUR)

    with pytest.raises(Conflict, match="already"):
        extend_maintenance(window, by=ana, now=NOW + SECOND, ends_at=NOW + 2 * HOUR)
    with pytest.raises(WrongState, match="begin another"):
        extend_maintenance(window, by=ana, now=NOW + 2 * HOUR, ends_at=NOW + 3 * HOUR)
    window.refresh_from_db()
    assert (window.ends_at, window.extended_at) == (NOW + 2 * HOUR, NOW)


def test_two_presses_begin_one_and_a_longer_one_is_something_new() -> None:
    pipeline, website = ServiceFactory(), ServiceFactory()
    begin(pipeline)

    with pytest.raises(Conflict, match="already"):
        begin(pipeline, now=NOW + SECOND, lasts=HOUR - SECOND)
    begin(pipeline, website)
    begin(pipeline, lasts=2 * HOUR)
    assert MaintenanceWindow.objects.count() == 3


def test_a_window_whose_services_cannot_be_kept_is_not_kept_either() -> None:
    def break_services(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "escalation_maintenancewindow_services"'):
            raise DatabaseError("the disk is full")
        return execute(sql, *rest)

    with pytest.raises(DatabaseError), connection.execute_wrapper(break_services):
        begin(ServiceFactory())

    assert MaintenanceWindow.objects.count() == 0


def test_the_database_keeps_no_window_of_more_than_four_hours() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MaintenanceWindowFactory(ends_at=NOW + timedelta(hours=4, seconds=1))
    assert str(MaintenanceWindowFactory()) == "Maintenance from 2026-04-18 12:23 UTC: Moving the database"
