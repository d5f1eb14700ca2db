"""Links that lead nowhere are refused as soon as paging is real."""

import io
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

import config.settings
from accounts.models import User
from comms.enums import Transport
from config.checks import KNOWN_KEY, check_address_and_key, loopback_refusal
from incidents.models import Ladder
from tests.factories.comms import ContactPointFactory

HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize("url", [HERE, "http://localhost:8000", "http://[::1]:8000", "http://0.0.0.0:8000"])
def test_a_loopback_address_is_refused_when_mail_leaves_the_machine(url: str) -> None:
    refusal = loopback_refusal(url, email_host="smtp.example.org", addresses=[])

    assert refusal == (
        f"MUSTER_URL is {url}, which only this machine can open, but mail leaves by smtp.example.org: the links in "
        "those messages would lead nowhere. Set MUSTER_URL to the address that people open in their browsers."
    )


def test_a_loopback_address_is_refused_when_somebody_is_paged_elsewhere_and_no_secret_is_printed() -> None:
    addresses = ["http://127.0.0.1:9000/hook", "pushover://user:token@push.example.org/device"]

    refusal = loopback_refusal(HERE, email_host="", addresses=addresses)

    assert refusal is not None
    assert "somebody is paged at pushover://push.example.org:" in refusal
    assert "token" not in refusal


def test_a_loopback_address_is_refused_when_sms_and_calls_have_a_provider(settings) -> None:
    settings.MUSTER_URL, settings.EMAIL_HOST, settings.TWILIO_ACCOUNT_SID = HERE, "", "AC1"

    (error,) = check_address_and_key()

    assert error.id == "muster.E001"
    assert "but phones are reached by api.twilio.com:" in str(error.msg)
    settings.TWILIO_ACCOUNT_SID, settings.SMS_GATEWAY_URL = "", "https://sms.example.org/send?key=secret"
    (error,) = check_address_and_key()
    assert "but phones are reached by sms.example.org:" in str(error.msg)
    assert "secret" not in str(error.msg)


def test_headers_of_the_gateway_that_cannot_be_sent_are_refused(settings) -> None:
    settings.EMAIL_HOST, settings.SMS_GATEWAY_HEADERS = "", "Content-Type: text/plain"

    assert [error.id for error in check_address_and_key()] == ["muster.E003"]


@pytest.mark.parametrize(
    ("url", "email_host", "addresses"),
    [
        ("https://muster.example.org", "smtp.example.org", ["https://hook.example.org"]),
        (HERE, "", []),
        (HERE, "localhost", ["http://127.0.0.1:9000/hook", "json://localhost:9000/"]),
    ],
)
def test_an_address_that_suits_the_paging_may_stand(url: str, email_host: str, addresses: list[str]) -> None:
    assert loopback_refusal(url, email_host=email_host, addresses=addresses) is None


def test_the_check_speaks_without_a_database(settings) -> None:
    settings.MUSTER_URL, settings.EMAIL_HOST = HERE, "smtp.example.org"

    assert [error.id for error in check_address_and_key()] == ["muster.E001"]


def test_the_key_of_the_source_signs_for_nobody_but_this_machine(settings) -> None:
    settings.MUSTER_URL, settings.EMAIL_HOST, settings.SECRET_KEY = "https://muster.example.org", "", KNOWN_KEY
    assert [error.id for error in check_address_and_key()] == ["muster.E002"]

    settings.SECRET_KEY = "a long random text"
    assert check_address_and_key() == []

    settings.MUSTER_URL, settings.SECRET_KEY = HERE, KNOWN_KEY
    assert check_address_and_key() == []


def test_the_known_key_is_the_one_of_the_settings() -> None:
    assert f'env.text("MUSTER_SECRET_KEY", "{KNOWN_KEY}")' in Path(config.settings.__file__).read_text()


@pytest.mark.django_db
def test_prepare_refuses_to_start_when_a_contact_point_is_on_another_machine(settings) -> None:
    settings.MUSTER_URL, settings.EMAIL_HOST = HERE, ""
    ContactPointFactory(transport=Transport.WEBHOOK, address="https://hook.example.org/pager")
    said = io.StringIO()

    with pytest.raises(SystemExit) as ending:
        call_command("prepare", stderr=said)

    assert ending.value.code == 1
    assert said.getvalue().startswith(f"MUSTER_URL is {HERE}, which only this machine can open, but somebody is paged")


@pytest.mark.django_db
def test_prepare_is_content_with_the_mail_addresses_of_people_when_no_mail_leaves(settings) -> None:
    settings.MUSTER_URL, settings.EMAIL_HOST = HERE, ""
    ContactPointFactory(transport=Transport.EMAIL, address="ana@example.org")
    ContactPointFactory(transport=Transport.SMS, address="+491701234567")
    said = io.StringIO()

    call_command("prepare", stderr=said)

    assert said.getvalue() == ""


@pytest.mark.django_db
def test_prepare_makes_nobody_unless_a_demo_is_asked_for() -> None:
    call_command("prepare")
    assert (User.objects.count(), Ladder.objects.count()) == (0, 0)

    said = io.StringIO()
    call_command("prepare", "--demo", stdout=said)

    assert "ana" in User.objects.values_list("handle", flat=True)
    assert Ladder.objects.count() == 1


@pytest.mark.django_db
def test_prepare_a_second_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DEMO_PASSWORD", "the same again")
    counts = []
    for _ in range(2):
        call_command("prepare", "--demo", stdout=io.StringIO())
        counts.append({model: model._default_manager.count() for model in apps.get_models()})

    assert counts[0] == counts[1]
