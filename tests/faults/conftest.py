"""One stack, one desk and one receiver for the short runs of a module; each test pages at a path of its own."""

from collections.abc import Iterator

import pytest

from tests.faults.desk import Desk
from tests.faults.receiver import Receiver, open_receiver
from tests.folders import own_folder
from tests.prepared import copy_prepared
from tests.stack import Stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with own_folder() as folder:
        copy_prepared(folder / "postgres")
        started = Stack(folder)
        started.start()
        yield started
        started.stop()


@pytest.fixture(scope="module")
def desk(stack: Stack) -> Iterator[Desk]:
    seated = Desk({**stack.environment, "DATABASE_URL": stack.database_url})
    yield seated
    seated.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as opened:
        yield opened


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    with own_folder() as folder:
        copy_prepared(folder / "postgres")
        started = Stack(folder)
        started.start()
        yield started
        started.stop()


@pytest.fixture
def own_desk(own_stack: Stack) -> Iterator[Desk]:
    seated = Desk({**own_stack.environment, "DATABASE_URL": own_stack.database_url})
    yield seated
    seated.close()
