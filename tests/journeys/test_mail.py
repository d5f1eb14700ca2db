"""Somebody who has nothing but mail: the page's own mail is replied to with one word."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage as SentMail
from django.test import Client

from accounts.actor import MUSTER
from accounts.enums import Via
from comms.actions.delivery import deliver_due
from escalation.models import IncomingAnswer, Page
from incidents.actions.declare import declare_incident
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import level_of, make_ladder

pytestmark = pytest.mark.django_db


def reply_to(sent: SentMail, words: str, sender: str, **headers: str) -> bytes:
    """What a mail program makes of a reply: the subject with Re:, the thread, and our own words quoted below."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, sent.reply_to[0], f"Re: {sent.subject}"
    mail["Message-ID"], mail["In-Reply-To"] = f"<{len(words)}.{sender}>", sent.extra_headers["Message-ID"]
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    quoted = "\n".join(f"> {line}" for line in str(sent.body).splitlines())
    mail.set_content(f"{words}\n\nOn Sat, 18 Apr 2026, Muster wrote:\n{quoted}\n")
    return mail.as_bytes()


def post(raw: bytes) -> str:
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        answer = Client().post("/in/mail/open/", raw, content_type="message/rfc822")
    return str(answer.json()["outcome"])


def test_a_reply_of_one_word_answers_and_says_who_commands(settings: Any, mailoutbox: list[SentMail]):
    settings.MUSTER_REPLY_TO, settings.MAIL_INCOMING_SECRET = "answers@example.org", "open"
    jens = ReachableUserFactory(handle="jens")
    level = level_of(make_ladder(jens), "SEV2")
    incident = declare_incident(by=MUSTER, now=NOW, level=level, summary="Pipeline blocks spiking")
    deliver_due(now=NOW)
    (sent,) = mailoutbox

    away = post(reply_to(sent, "I am on holiday until Monday", "jens@example.org", Auto_Submitted="auto-replied"))
    forged = post(reply_to(sent, "ack", "mallory@example.org"))
    assert (away, forged, Page.objects.get().answers.count()) == ("ignored", "unknown", 0)

    assert post(reply_to(sent, "On it", "Jens <jens@example.org>")) == "answered"
    deliver_due(now=NOW + timedelta(minutes=1))

    assert (incident.commander, Page.objects.get().answers.get().via) == (jens, Via.EMAIL)
    answered = next(mail for mail in mailoutbox if "You have it" in str(mail.body))
    assert answered.to == ["jens@example.org"]
    assert "You command this incident. To pass it on" in str(answered.body)
    assert [row.outcome for row in IncomingAnswer.objects.order_by("pk")] == ["ignored", "unknown", "answered"]
