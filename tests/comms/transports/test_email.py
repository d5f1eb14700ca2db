"""Mail, as a real server receives it and as it refuses it."""

from email.header import decode_header, make_header

import pytest

from comms.transports import email
from comms.transports.base import PermanentFailure, TemporaryFailure
from comms.transports.email import EmailTransport
from tests.comms.transports.envelopes import KEY, envelope


def send(**changes):
    return EmailTransport().send(envelope("ana@example.org", **changes))


def test_the_mail_has_its_key_its_thread_and_its_words(mail_server):
    receipt = send()

    (mail,) = mail_server.taken
    assert mail_server.recipients == ["ana@example.org"]
    assert receipt.detail == "Taken by 127.0.0.1."
    assert mail["Message-ID"] == f"<{KEY}@127.0.0.1>"
    assert mail["To"] == "ana@example.org"
    assert (mail["Importance"], mail["Auto-Submitted"]) == ("high", "auto-generated")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_payload(decode=True).decode().replace("\r\n", "\n").strip() == (
        "You are paged.\n\nhttp://127.0.0.1:8000/p/abc/"
    )


def test_a_repeat_has_the_same_message_id(mail_server):
    send()
    send()

    assert [mail["Message-ID"] for mail in mail_server.taken] == [f"<{KEY}@127.0.0.1>"] * 2


def test_mails_about_one_subject_share_their_thread_and_others_do_not(mail_server):
    for key in ("incident:7", "incident:7", "incident:8", ""):
        send(subject_key=key, is_urgent=False)

    roots = [mail["References"] for mail in mail_server.taken]
    assert roots[0] == roots[1] == mail_server.taken[0]["In-Reply-To"]
    assert len(set(roots)) == 3
    assert roots[3] is None
    assert mail_server.taken[0]["Importance"] is None


def test_a_long_subject_is_cut_to_a_line_of_a_hundred_and_stands_whole_in_the_body(mail_server):
    long = "[SEV2] " + "blocks " * 20

    send(subject=long)

    (mail,) = mail_server.taken
    assert mail.get_payload(decode=True).decode().startswith(long.strip() + "\r\n\r\nYou are paged.")
    assert str(make_header(decode_header(mail["Subject"]))) == long.strip()[:99] + "…"


def test_the_subject_has_at_most_a_hundred_characters():
    composed = email.compose(envelope("ana@example.org", subject="[SEV2] " + "x" * 200))

    assert composed.subject == "[SEV2] " + "x" * 92 + "…"
    assert len(composed.subject) == 100


@pytest.mark.parametrize(
    ("answers", "failure", "sentence"),
    [
        ({"at_recipient": "550 5.1.1 No such user"}, PermanentFailure, "The mail server said 550 5.1.1 No such user"),
        ({"at_recipient": "450 4.2.0 Greylisted"}, TemporaryFailure, "The mail server said 450 4.2.0 Greylisted"),
        ({"at_end": "554 5.7.1 Spam"}, PermanentFailure, "The mail server said 554 5.7.1 Spam"),
        ({"at_end": "452 4.3.1 Disk full"}, TemporaryFailure, "The mail server said 452 4.3.1 Disk full"),
    ],
)
def test_an_answer_of_4_is_for_now_and_of_5_for_good(mail_server, answers, failure, sentence):
    for name, answer in answers.items():
        setattr(mail_server, name, answer)

    with pytest.raises(failure) as refusal:
        send()

    assert str(refusal.value) == sentence
    assert mail_server.taken == []


def test_a_server_that_is_down_is_for_now(mail_server, settings, closed_address):
    settings.EMAIL_PORT = int(closed_address.partition(":")[2])

    with pytest.raises(TemporaryFailure, match=r"^The mail server did not take it: .*refused"):
        send()


def test_a_server_that_is_silent_is_for_now(mail_server, settings, silent_address):
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = int(silent_address.partition(":")[2]), 0.2

    with pytest.raises(TemporaryFailure, match=r"Connection unexpectedly closed: timed out$"):
        send()


def test_a_wrong_password_can_be_mended_so_it_is_for_now(mail_server, settings):
    mail_server.password = b"right"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "muster", "wrong"

    with pytest.raises(TemporaryFailure) as refusal:
        send()

    assert str(refusal.value) == "The mail server said 535 5.7.8 Authentication credentials invalid"
    settings.EMAIL_HOST_PASSWORD = "right"
    assert send().detail == "Taken by 127.0.0.1."
    assert len(mail_server.taken) == 1


def test_without_a_mail_server_it_says_so(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = email.SMTP_BACKEND, ""

    with pytest.raises(PermanentFailure, match=r"^No mail server is set: EMAIL_HOST is empty\.$"):
        send()


def test_the_mail_of_a_page_says_which_of_its_links_answers():
    composed = email.compose(envelope("ana@example.org", facts={"code": "K7M", "page": "k7mabcde"}))

    assert composed.body.endswith(f"\n\n{email.HOW_TO_ANSWER}\nhttp://127.0.0.1:8000/p/abc/")


def test_a_page_can_be_replied_to_and_carries_its_whole_code_in_the_subject(settings):
    settings.MUSTER_REPLY_TO = "answers@example.org"
    facts = {"code": "K7M", "page": "k7mabcde"}

    composed = email.compose(envelope("ana@example.org", subject="[SEV2] " + "x" * 200, facts=facts))

    assert composed.subject == "[SEV2] " + "x" * 92 + "… · Code K7MABCDE"
    assert composed.reply_to == ["answers@example.org"]
    assert composed.body.endswith(f"http://127.0.0.1:8000/p/abc/\n\n{email.HOW_TO_REPLY}")


@pytest.mark.parametrize(("address", "facts"), [("", {"code": "K7M", "page": "k7mabcde"}), ("a@example.org", {})])
def test_what_cannot_be_replied_to_says_nothing_of_it(settings, address, facts):
    settings.MUSTER_REPLY_TO = address

    composed = email.compose(envelope("ana@example.org", facts=facts))

    assert (composed.subject, composed.reply_to) == ("[SEV2] Pipeline blocks spiking · api", [])
