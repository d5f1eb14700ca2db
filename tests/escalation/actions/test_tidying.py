"""What only pages that go on ask for goes thirty days after they ended, in batches."""

from datetime import timedelta

import pytest

from escalation.actions.tidying import KEPT, tidy_ended_pages
from escalation.models import PageRecurrence, SignOfLife
from tests.factories import NOW
from tests.factories.escalation import PageFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def stopped(at, **fields):
    return PageFactory(status="stopped", wake_at=None, stopped_at=at, stop_reason="it is resolved", **fields)


def test_the_recurrences_of_pages_that_ended_long_ago_go_and_no_others():
    old, fresh, rings = stopped(NOW - KEPT - SECOND), stopped(NOW - KEPT), PageFactory(started_at=NOW - 9 * KEPT)
    for page in (old, fresh, rings):
        PageRecurrence.objects.create(page=page, at=NOW - 9 * KEPT)

    assert tidy_ended_pages(now=NOW) == 1

    assert set(PageRecurrence.objects.values_list("page", flat=True)) == {fresh.pk, rings.pk}


def test_an_old_sign_of_life_goes_when_no_page_about_it_is_open():
    stopped(NOW, subject_key="over")
    PageFactory(subject_key="open")
    for subject, at in [("over", NOW - KEPT - SECOND), ("open", NOW - KEPT - SECOND), ("fresh", NOW - KEPT)]:
        SignOfLife.objects.create(subject_key=subject, at=at)
    SignOfLife.objects.create(subject_key="of no page", at=NOW - 2 * KEPT)

    assert tidy_ended_pages(now=NOW) == 2

    assert set(SignOfLife.objects.values_list("subject_key", flat=True)) == {"open", "fresh"}


def test_it_goes_on_at_the_next_tick():
    page = stopped(NOW - 2 * KEPT)
    for _ in range(3):
        PageRecurrence.objects.create(page=page, at=NOW - 2 * KEPT)

    assert [tidy_ended_pages(now=NOW, batch=2) for _ in range(3)] == [2, 1, 0]
