"""What came in is read in the admin, never written, and nothing of it about a private page."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Via
from accounts.models import User
from escalation.enums import IncomingOutcome
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.escalation import IncomingAnswerFactory, PageFactory

pytestmark = pytest.mark.django_db
LIST = "admin:escalation_incominganswer_changelist"


@pytest.fixture
def admin(client: Client) -> User:
    user: User = UserFactory(admin=True)
    client.force_login(user)
    return user


def test_an_admin_reads_what_came_in_also_what_answered_nothing(client: Client, admin: User) -> None:
    IncomingAnswerFactory(sender="+491701111111")
    IncomingAnswerFactory(
        sender="+491702222222", user=None, page=None, meaning="", outcome=IncomingOutcome.UNKNOWN, reply="Nobody."
    )

    shown = client.get(reverse(LIST)).content.decode()

    assert "+491701111111" in shown
    assert "+491702222222" in shown


def test_what_answered_a_private_page_is_for_its_people_alone(client: Client, admin: User) -> None:
    secret = PageFactory(audience=AudienceFactory(members=[UserFactory()]))
    row = IncomingAnswerFactory(sender="+491703333333", page=secret)
    change = reverse("admin:escalation_incominganswer_change", args=[row.pk])

    assert "+491703333333" not in client.get(reverse(LIST)).content.decode()
    assert client.get(change).status_code == 302
    secret.audience = AudienceFactory(members=[admin])
    secret.save(update_fields=["audience"])
    assert "+491703333333" in client.get(change).content.decode()


def test_of_what_answered_nothing_an_admin_reads_no_list_of_pages_and_no_quoted_mail(
    client: Client, admin: User
) -> None:
    fields = {"page": None, "meaning": "", "outcome": IncomingOutcome.UNCLEAR, "reply": "2 pages: the quagga leak"}
    text = IncomingAnswerFactory(text="hm?", **fields)
    mail = IncomingAnswerFactory(via=Via.EMAIL, subject="Re: the quagga leak", text="> the quagga leak", **fields)

    shown = [
        client.get(reverse("admin:escalation_incominganswer_change", args=[row.pk])).content.decode()
        for row in (text, mail)
    ]

    assert ["quagga" in page for page in shown] == [False, False]
    assert ["hm?" in page for page in shown] == [True, False]


def test_nobody_writes_what_came_in(client: Client, admin: User) -> None:
    row = IncomingAnswerFactory()

    addresses = [
        reverse("admin:escalation_incominganswer_add"),
        reverse("admin:escalation_incominganswer_delete", args=[row.pk]),
    ]
    assert [client.post(address, {"post": "yes"}).status_code for address in addresses] == [403, 403]
    assert client.post(reverse("admin:escalation_incominganswer_change", args=[row.pk]), {}).status_code == 403
