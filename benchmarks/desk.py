"""Somebody who declares, as a process of its own: `python -m benchmarks.desk ADDRESS` on a whole stack's database.

Each line of its input is `declare` (one incident, whose level rings one person) or `burst N` (N pages of N people in
one transaction). It answers with the moment of the commit, in seconds since the epoch; people are told at paths of
ADDRESS.
"""

import sys
import time

import django
from django.db import connection, transaction
from django.utils import timezone

django.setup()

from accounts.actor import MUSTER
from accounts.models import User
from comms.enums import Transport
from escalation.actions.page import start_page
from incidents.actions.declare import declare_incident
from incidents.models import Level
from tests.factories.comms import ContactPointFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import level_of, make_ladder


def person_at(address: str) -> User:
    """Somebody whose only contact point is a webhook."""
    return ContactPointFactory(transport=Transport.WEBHOOK, address=address).user


def declare(level: Level) -> float:
    """Declare one incident; when it was committed."""
    committed = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.time()))  # the first of them: before any bell
        declare_incident(by=MUSTER, now=timezone.now(), level=level, summary="Pipeline blocks spiking")
    return committed[0]


def burst(address: str, count: int) -> float:
    """Page `count` people at paths /0, /1 and so on; when all of it was committed."""
    policies = [make_policy(person_at(f"{address}/{number}")) for number in range(count)]
    committed = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.time()))
        for number, policy in enumerate(policies):
            start_page(
                by=MUSTER,
                now=timezone.now(),
                group="platform primary",
                policy=policy,
                subject_key=f"benchmark:{number}",
                subject="[SEV2] Pipeline blocks spiking",
                link="/",
                level_name="SEV2",
                level_rank=2,
            )
    return committed[0]


def main(address: str) -> None:
    """Do as the lines say."""
    level = level_of(make_ladder(person_at(f"{address}/declared")), "SEV3")
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        print(declare(level) if word == "declare" else burst(address, int(count)), flush=True)
        connection.close()  # as a web request does when it is over


if __name__ == "__main__":
    main(sys.argv[1])
