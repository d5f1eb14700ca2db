"""The contact table: in the admin, and as people see it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.role_contact import remove_role_contact, set_role_contact
from escalation.actions.schedule import remove_schedule
from escalation.models import RoleContact
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import RoleContactFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

CONTACTS = reverse("escalation:contact-list")


def text_of(client: Client, address: str = CONTACTS) -> str:
    """What the page says, blanks made one."""
    return " ".join(client.get(address).content.decode().split())


@time_machine.travel(NOW, tick=False)
def test_the_table_says_who_it_is_now_with_number_method_and_time(client: Client) -> None:
    ana, jens = UserFactory(handle="ana", phone="+491701234567"), UserFactory(handle="jens", phone="")
    RoleContactFactory(role="On-call engineer", schedule=make_schedule(jens, ana, name="Platform"), position=0)
    RoleContactFactory(role="Lead", person=jens, method="Phone tree", respond_within="15 min", position=1)
    RoleContactFactory(role="Host", outside="support@host.example", respond_within="next business day", position=2)
    RoleContactFactory(role="Night", schedule=ScheduleFactory(name="Night"), position=3)
    client.force_login(UserFactory(viewer=True, time_zone="Europe/Berlin"))

    shown = text_of(client)

    assert [shown.index(word) for word in ("On-call engineer", "Lead", "Host", "Night")] == sorted(
        shown.index(word) for word in ("On-call engineer", "Lead", "Host", "Night")
    )
    for words in ("@ana", 'href="tel:+491701234567"', "until", "Mon 20 Apr 09:00 CEST", "@jens", "no number"):
        assert words in shown
    for words in ("Phone tree", "15 min", "support@host.example", "next business day", "Nobody is on call"):
        assert words in shown
    assert client.get(CONTACTS).status_code == 200
    assert Client().get(CONTACTS).status_code == 302


def test_an_empty_table_says_so(client: Client) -> None:
    client.force_login(UserFactory())

    assert "There is no contact yet. An admin writes them." in text_of(client)


def test_the_page_takes_as_many_queries_for_three_rows_as_for_one(client: Client) -> None:
    client.force_login(UserFactory())
    counts = []
    for _ in range(2):
        RoleContactFactory()
        RoleContactFactory(schedule=make_schedule(UserFactory()))
        with CaptureQueriesContext(connection) as asked:
            client.get(CONTACTS)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_a_row_names_exactly_one_and_only_an_admin_writes_it() -> None:
    ana = UserFactory()
    with pytest.raises(InvalidInput, match="by exactly one of"):
        set_role_contact(RoleContact(role="Lead", person=ana, outside="The host"), by=MUSTER, now=NOW)
    with pytest.raises(InvalidInput, match="by exactly one of"):
        set_role_contact(RoleContact(role="Lead"), by=MUSTER, now=NOW)
    with pytest.raises(InvalidInput, match="is not a target"):
        set_role_contact(RoleContact(role="Lead", person=ana, respond_within="soon"), by=MUSTER, now=NOW)
    with pytest.raises(NotAllowed):
        set_role_contact(RoleContact(role="Lead", person=ana), by=by(ana), now=NOW)
    kept = set_role_contact(RoleContact(role="Lead", person=ana), by=MUSTER, now=NOW)
    with pytest.raises(NotAllowed):
        remove_role_contact(kept, by=by(ana), now=NOW)
    with pytest.raises(IntegrityError):
        RoleContactFactory(person=None)


def test_a_schedule_that_a_contact_names_stays() -> None:
    contact = RoleContactFactory(schedule=make_schedule(UserFactory()))

    with pytest.raises(WrongState, match="or a contact names it"):
        remove_schedule(contact.schedule, by=MUSTER, now=NOW)
    remove_role_contact(contact, by=MUSTER, now=NOW)
    remove_schedule(contact.schedule, by=MUSTER, now=NOW + timedelta(seconds=1))


def test_an_admin_writes_changes_and_deletes_a_row_in_the_admin(client: Client) -> None:
    ana = UserFactory(admin=True)
    client.force_login(ana)
    row = {"role": "Executive", "person": ana.pk, "outside": "", "method": "Phone tree", "respond_within": "15 min"}

    client.post(reverse("admin:escalation_rolecontact_add"), {**row, "position": 0})
    contact = RoleContact.objects.get()
    assert str(contact) == f"Executive: {ana.get_short_name()}"
    client.post(reverse("admin:escalation_rolecontact_change", args=[contact.pk]), {**row, "position": 4})
    contact.refresh_from_db()
    assert contact.position == 4
    wrong = client.post(reverse("admin:escalation_rolecontact_add"), {**row, "outside": "The host", "position": 0})
    assert "by exactly one of" in wrong.content.decode()
    client.post(reverse("admin:escalation_rolecontact_delete", args=[contact.pk]), {"post": "yes"})
    assert not RoleContact.objects.exists()
