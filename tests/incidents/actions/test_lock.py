"""Two people at the same moment, on real connections: what is over does not ring."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import User
from escalation.models import Page
from incidents.actions.paging import page_people
from incidents.actions.status import close_as_no_incident, resolve_incident
from incidents.models import Incident

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for_a_waiting_lock() -> None:
    """Until somebody waits for a row that this transaction holds."""
    ends = monotonic() + 20
    while monotonic() < ends:
        with connection.cursor() as cursor:
            # Not pg_stat_activity: what it says is kept for the whole transaction, so a later arrival is never seen.
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        sleep(0.02)
    pytest.fail("Nobody waits for the lock.")


@pytest.mark.parametrize("end", [resolve_incident, close_as_no_incident])
def test_a_page_that_begins_while_it_ends_is_stopped(
    end: Callable[..., Any], incident: Incident, ana: Actor, mira: User, now: datetime
) -> None:
    def end_it() -> None:
        try:
            end(incident, by=ana, now=now + timedelta(minutes=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            page = page_people(incident, by=ana, now=now, people=[mira])
            ended = other.submit(end_it)
            wait_for_a_waiting_lock()
        ended.result(30)

    page.refresh_from_db()
    assert (page.status, Page.objects.ringing().count()) == ("stopped", 0)
    assert Page.objects.filter(stopped_at__isnull=True).count() == 0
