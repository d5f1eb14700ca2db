"""What the sweeps can carry while 100,000 pages wait: pages advanced in a second, an idle tick, queries for a page."""

import re
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import MUSTER
from comms.actions.delivery import deliver_due
from comms.models import Message, Subscription
from escalation.actions.page import advance_due_pages, start_page
from escalation.models import Page, Policy
from incidents.actions.declare import declare_incident
from incidents.actions.paging import ring
from incidents.actions.promise_sweep import sweep_promises
from incidents.queries.policy import versions
from tests.factories.comms import MessageFactory, ReachableUserFactory, SubscriptionFactory
from tests.factories.escalation import ServiceFactory, make_policy
from tests.factories.policy import apply_preset, level_of

WAITING = 100_000
DUE = 500
TICKS = 200
INDEX = re.compile(r"(?:Index Scan using|Index Scan on|Index Only Scan using) (\w+)")
COPY = "INSERT INTO {table} ({named}) SELECT {given} FROM {table}, generate_series(1, %s) AS number WHERE id = %s"


def measure_engine() -> str:
    """The table, of rows that are gone afterwards."""
    now = timezone.now()
    later = now + timedelta(days=1)
    policy = make_policy(ReachableUserFactory(), ReachableUserFactory(), wait_seconds=86400)
    copy_page(begin(policy, "waits", now), WAITING)
    copy_message(MessageFactory(deliver_after=later, created_at=now), WAITING)
    due = begin(policy, "due", now)
    Page.objects.filter(pk=due.pk).update(wake_at=now)
    copy_page(due, DUE - 1)
    Message.objects.filter(deliver_after__lte=now).delete()  # what is sent is measured elsewhere
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    lines = [
        f"{f'The engine while {WAITING:,} pages wait':<50}{'':>10}{'ratio':>8}",
        *rows_advanced(now),
        *empty_ticks(now),
    ]
    lines += [*queries_of_a_page(policy, now), *queries_of_an_incident(policy, now)]
    return "\n".join([*lines, *plans(now)]) + "\n"


def begin(policy: Policy, subject: str, now: datetime) -> Page:
    """A page of `policy` about something that is no incident."""
    return start_page(
        by=MUSTER,
        now=now,
        group="platform primary",
        policy=policy,
        subject_key=f"benchmark:{subject}",
        subject="[SEV2] Pipeline blocks spiking",
        link="/",
        level_name="SEV2",
        level_rank=2,
    )


def copy_page(page: Page, count: int) -> None:
    """So many pages more that stand where `page` stands."""
    _copy(page, count, {"ref": "substr(md5(ref || number), 1, 12)", "subject_key": "subject_key || number"})


def copy_message(message: Message, count: int) -> None:
    """So many messages more like `message`."""
    _copy(message, count, {"key": "gen_random_uuid()", "dedup_key": "dedup_key || number"})


def _copy(row: Page | Message, count: int, changed: dict[str, str]) -> None:
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    named = ", ".join(f'"{column}"' for column in columns)
    given = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(COPY.format(table=row._meta.db_table, named=named, given=given), [count, row.pk])


def rows_advanced(now: datetime) -> list[str]:
    """Due pages advanced in a second, and rows of the same table updated one by one."""
    began = time.perf_counter()
    advanced = 0
    while some := advance_due_pages(now=now):
        advanced += some
    engine = advanced / (time.perf_counter() - began)
    pks = list(Page.objects.values_list("pk", flat=True)[:DUE])
    began = time.perf_counter()
    for pk in pks:
        Page.objects.filter(pk=pk).update(step=1)
    plain = len(pks) / (time.perf_counter() - began)
    return [
        f"{'rows updated in a second, one by one':<50}{plain:>10,.0f}{1:>8.2f}",
        f"{'due pages advanced in a second':<50}{engine:>10,.0f}{engine / plain:>8.2f}",
    ]


def empty_ticks(now: datetime) -> list[str]:
    """Milliseconds of each sweep that finds nothing to do, beside a SELECT that finds nothing."""
    ticks: dict[str, Callable[[], object]] = {
        "an empty SELECT, ms": lambda: list(Page.objects.filter(pk=0)),
        "a tick of the pages with nothing due, ms": lambda: advance_due_pages(now=now),
        "a tick of the messages with nothing due, ms": lambda: deliver_due(now=now),
        "a tick of the promises with nothing due, ms": lambda: sweep_promises(now=now),
    }
    took = {name: [_milliseconds(tick) for _ in range(TICKS)] for name, tick in ticks.items()}
    medians = {name: statistics.median(times) for name, times in took.items()}
    reference = medians["an empty SELECT, ms"]
    return [f"{name:<50}{median:>10.2f}{median / reference:>8.1f}" for name, median in medians.items()]


def queries_of_a_page(policy: Policy, now: datetime) -> list[str]:
    """Statements to the database until a page has rung its first step, and in a batch of next steps for each."""
    with CaptureQueriesContext(connection) as first:
        begin(policy, "counted", now)
    Page.objects.filter(subject_key="benchmark:counted").update(wake_at=now)
    copy_page(Page.objects.get(subject_key="benchmark:counted"), 49)
    with CaptureQueriesContext(connection) as batch:
        advanced = advance_due_pages(now=now)
    return [
        f"{'queries until a page has rung its first step':<50}{len(first):>10}",
        f"{'queries for each page of a batch of next steps':<50}{len(batch) / max(advanced, 1):>10.1f}",
    ]


def queries_of_an_incident(policy: Policy, now: datetime) -> list[str]:
    """Statements of a declaration by the preset `pager`, SEV2, and of one page more of it with all that follows."""
    level = level_of(apply_preset("pager", now), "SEV2")
    if not Subscription.objects.filter(name=level.chat_channel).exists():  # the pages were measured with it before
        SubscriptionFactory(name=level.chat_channel)
    service = ServiceFactory(policy=policy)
    versions({level.version_id})  # as the door has read it
    with CaptureQueriesContext(connection) as declared:
        incident = declare_incident(by=MUSTER, now=now, level=level, summary="Pipeline blocks", service=service)
    with CaptureQueriesContext(connection) as paged, transaction.atomic():
        ring(incident, by=MUSTER, now=now, group="platform secondary", policy=policy)
    return [
        f"{'queries of a declaration, pages and all':<50}{len(declared):>10}",
        f"{'queries of a page of an incident, receivers too':<50}{len(paged):>10}",
    ]


def plans(now: datetime) -> list[str]:
    """The index by which each sweep finds what is due, from PostgreSQL's own plan."""
    asked = {
        "pages": Page.objects.filter(wake_at__lte=now).order_by("wake_at", "pk").values("pk")[:50],
        "messages": Message.objects.due(now).values("pk")[:50],
    }
    found = {name: INDEX.search(rows.explain()) for name, rows in asked.items()}
    return [
        f"{f'due {name} are found by':<50}{index[1] if index else 'reading all':>18}" for name, index in found.items()
    ]


def _milliseconds(tick: Callable[[], object]) -> float:
    began = time.perf_counter()
    tick()
    return (time.perf_counter() - began) * 1000
