"""Pages people as the lines of its input say: `python -m tests.faults.pager`.

Each line is the address of a webhook. A person with that address is made and paged by an escalation policy of one
step, and the reference of the page is printed once it is committed; an empty line when the database was away.
"""

import sys

import django
from django.db import Error, connection
from django.utils import timezone

django.setup()

from accounts.actor import MUSTER
from comms.enums import Transport
from escalation.actions.page import start_page
from tests.factories.comms import ContactPointFactory
from tests.factories.escalation import make_policy


def page_somebody(address: str) -> str:
    """Have a new person paged at `address`; the reference of the page."""
    person = ContactPointFactory(transport=Transport.WEBHOOK, address=address).user
    return start_page(
        by=MUSTER,
        now=timezone.now(),
        group="platform primary",
        policy=make_policy(person),
        subject_key=f"fault:{address}",
        subject="[SEV2] Pipeline blocks spiking",
        link="/",
        level_name="SEV2",
        level_rank=2,
    ).ref


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            print(page_somebody(line.strip()), flush=True)
        except Error:
            print(flush=True)
        finally:
            connection.close()  # as a web request does when it is over
