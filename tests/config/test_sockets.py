"""Tests reach this machine only, and a test that tries more than that fails."""

import socket

import pytest

from tests.conftest import NotThisMachine


def test_a_connection_to_another_machine_is_refused_and_noted(refused_addresses: list[str]) -> None:
    with pytest.raises(NotThisMachine), socket.socket() as opened:
        opened.connect(("192.0.2.1", 80))

    assert refused_addresses == ["socket.connect '192.0.2.1'"]
    refused_addresses.clear()


def test_a_name_of_another_machine_is_not_even_looked_up(refused_addresses: list[str]) -> None:
    with pytest.raises(NotThisMachine):
        socket.create_connection(("pager.example.org", 80))

    assert refused_addresses == ["socket.getaddrinfo 'pager.example.org'"]
    refused_addresses.clear()


def test_this_machine_is_reached_by_name_and_by_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("localhost", "127.0.0.1"):
            with socket.create_connection((host, port)) as opened:
                assert opened.getpeername() == ("127.0.0.1", port)
