"""“Page me now” leaves a dated proof of reach for each contact point."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.actor import Actor
from accounts.enums import Via
from comms.actions.delivery import deliver_due
from comms.actions.proof import confirm_proof, confirm_proof_by_code, start_proofs
from comms.enums import MessageKind, Transport, Urgency
from comms.links import read_proof
from comms.models import Message, ReachProof
from core.errors import InvalidInput, NotAllowed, Refused, WrongState
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, ReachProofFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana():
    """Mail at once and again after half an hour, a call after two minutes."""
    ana = UserFactory(handle="ana")
    for after in (0, 1800):
        ContactRuleFactory(contact_point=ContactPointFactory(user=ana), after_seconds=after)
    phone = ContactPointFactory(user=ana, transport=Transport.VOICE, address="+491701234567")
    ContactRuleFactory(contact_point=phone, after_seconds=120)
    return ana


def test_every_contact_point_of_the_urgent_chain_is_rung_once_at_its_moment(now, ana):
    mail, call = start_proofs(ana, by=Actor(user=ana), now=now)

    messages = Message.objects.order_by("deliver_after")
    assert [(m.transport, m.kind, m.urgency, m.deliver_after, m.proof) for m in messages] == [
        ("email", MessageKind.TEST, Urgency.URGENT, now, mail),
        ("voice", MessageKind.TEST, Urgency.URGENT, now + 2 * MINUTE, call),
    ]
    assert [message.subject for message in messages] == ["[TEST] Muster rings you: did this reach you?"] * 2
    assert mail.code in messages[0].body
    assert ", ".join(call.code) in messages[1].body


@pytest.mark.parametrize(
    ("transport", "secret", "how"),
    [
        (Transport.SMS, "", "Reply OK or open the link to confirm"),
        (Transport.GATEWAY, "open", "Reply OK or open the link to confirm"),
        (Transport.GATEWAY, "", "Open the link to confirm"),
        (Transport.EMAIL, "open", "Open the link to confirm"),
    ],
)
def test_a_word_is_asked_for_where_one_comes_back(now, settings, transport, secret, how):
    settings.SMS_GATEWAY_INCOMING_SECRET = secret
    address = "noor@example.org" if transport == Transport.EMAIL else "+491701234567"
    noor = ContactPointFactory(transport=transport, address=address).user

    start_proofs(noor, by=Actor(user=noor), now=now)

    assert Message.objects.get().body.startswith(f"Nothing burns. {how}, or type the code ")


def test_what_was_handed_over_and_confirmed_by_its_link_is_dated(now, ana, mailoutbox):
    start_proofs(ana, by=Actor(user=ana), now=now)
    deliver_due(now=now + timedelta(seconds=3))
    link = mailoutbox[0].body.split()[-1]

    proof = read_proof(link.rstrip("/").rpartition("/")[2], now + MINUTE)
    confirm_proof(proof, by=Actor(user=ana, via=Via.LINK), now=now + MINUTE)
    confirm_proof(proof, by=Actor(user=ana, via=Via.LINK), now=now + 5 * MINUTE)

    kept = ReachProof.objects.get(contact_point__transport="email")
    assert (kept.sent_at, kept.handed_over_at, kept.confirmed_at) == (now, now + timedelta(seconds=3), now + MINUTE)


def test_a_confirmed_test_page_verifies_its_contact_point(now):
    proof = ReachProofFactory(contact_point__verified_at=None)

    confirm_proof_by_code(proof.contact_point.user, by=proof_actor(proof), now=now + MINUTE, code=proof.code)

    proof.contact_point.refresh_from_db()
    assert proof.contact_point.verified_at == now + MINUTE


def proof_actor(proof):
    return Actor(user=proof.contact_point.user)


def test_a_code_confirms_the_test_page_that_carries_it_and_five_wrong_ones_end_them_all(now, ana):
    mail, call = start_proofs(ana, by=Actor(user=ana), now=now)
    wrong = next(code for code in ("000000", "000001", "000002") if code not in {mail.code, call.code})

    assert confirm_proof_by_code(ana, by=Actor(user=ana), now=now, code=f"{call.code[:3]} {call.code[3:]}") == call
    for _ in range(5):
        with pytest.raises(InvalidInput, match="No open test page has this code"):
            confirm_proof_by_code(ana, by=Actor(user=ana), now=now, code=wrong)
    with pytest.raises(InvalidInput):
        confirm_proof_by_code(ana, by=Actor(user=ana), now=now, code=mail.code)

    assert list(ReachProof.objects.exclude(confirmed_at=None)) == [call]


def test_an_admin_pages_anyone_and_others_themselves_alone(now, ana):
    chief = ActorFactory(user__admin=True)

    with pytest.raises(NotAllowed, match="Only @ana or an admin"):
        start_proofs(ana, by=ActorFactory(), now=now)
    proofs = start_proofs(ana, by=chief, now=now)

    assert {proof.asked_by for proof in proofs} == {chief.user}


def test_a_second_test_waits_a_minute(now, ana):
    start_proofs(ana, by=Actor(user=ana), now=now)

    with pytest.raises(WrongState, match="Wait a minute"):
        start_proofs(ana, by=Actor(user=ana), now=now + timedelta(seconds=59))

    assert len(start_proofs(ana, by=Actor(user=ana), now=now + MINUTE)) == 2


def test_whom_nothing_reaches_cannot_be_paged(now):
    nobody = UserFactory(handle="noor")

    with pytest.raises(WrongState, match="Nothing reaches @noor"):
        start_proofs(nobody, by=Actor(user=nobody), now=now)

    assert Message.objects.count() == 0


def test_a_link_that_is_none_or_is_over_proves_nothing(now):
    proof = ReachProofFactory()

    with pytest.raises(WrongState, match="over, a day after"):
        confirm_proof(proof, by=proof_actor(proof), now=now + timedelta(days=1))
    with pytest.raises(Refused, match="not complete"):
        read_proof(f"{proof.pk}.forged", now)

    assert ReachProof.objects.get().confirmed_at is None


def test_when_the_second_message_cannot_be_written_there_is_no_test(now, ana):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE comms_message ADD CONSTRAINT broken CHECK (transport <> 'voice')")

    with pytest.raises(DatabaseError, match="broken"), transaction.atomic():
        start_proofs(ana, by=Actor(user=ana), now=now)

    assert (ReachProof.objects.count(), Message.objects.count()) == (0, 0)
