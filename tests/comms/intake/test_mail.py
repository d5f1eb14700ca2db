"""Incoming mails, as programs write them."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.intake.mail import IncomingMail, read_mail


def mail(text="ack", html="", **headers):
    """The bytes of a mail from Ana."""
    message = EmailMessage()
    headers = {"From": "Ana <Ana@Example.org>", "Subject": "Re: x", "Message-ID": "<1@example.org>"} | headers
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_sender_subject_and_text_are_read():
    assert read_mail(mail(Subject="Re: Störung · Code K7MABCDE")) == IncomingMail(
        "mail:<1@example.org>", "ana@example.org", "Re: Störung · Code K7MABCDE", "ack\n", is_automatic=False
    )


def test_html_alone_is_read_up_to_its_quote():
    raw = (
        b"From: ana@example.org\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><head><style>p {}</style></head><p>ack&nbsp;k7m</p><div>Ana</div><blockquote>no</blockquote></html>"
    )

    assert read_mail(raw).text == "ack\xa0k7m\nAna\n"


def test_plain_text_wins_over_html():
    assert read_mail(mail("no", html="<p>ack</p>")).text == "no\n"


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
    ],
)
def test_what_a_machine_wrote_is_seen(header):
    assert read_mail(mail(**header)).is_automatic


def test_a_bounce_is_seen_and_a_person_is_none():
    assert read_mail(b"Content-Type: multipart/report; boundary=x\r\n\r\n--x--").is_automatic
    assert not read_mail(mail(Auto_Submitted="no", Return_Path="<ana@example.org>")).is_automatic


def test_without_a_message_id_the_same_bytes_are_the_same_mail():
    one, again, other = (read_mail(raw).key for raw in (b"From: a@b.c\n\nack", b"From: a@b.c\n\nack", b"\n\nack"))

    assert one == again != other


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"Subject: =?nope?B?xx?=\n\nack",
        b"Subject: =?utf-8?B?\xff?=\n\nack",
        b"Content-Type: text/plain; charset=nope\n\nack",
        b"Content-Transfer-Encoding: base64\n\n!!!",
        b"From: \xff\xfe\n\n\xff",
    ],
)
def test_broken_mail_is_read_as_far_as_it_goes(raw):
    read_mail(raw)


@given(st.binary(max_size=500))
def test_reading_never_raises(raw):
    found = read_mail(raw)

    assert "\x00" not in found.text + found.subject + found.sender
    assert len(found.key) <= 200
