"""Fetching a calendar: bounded, conditional, and never from inside the house."""

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from escalation.transports.calendar import MOST_BYTES, Fetched, FetchFailed, fetch_calendar, is_public
from tests.comms.conftest import free_port

TEXT = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def private(settings):
    settings.CALENDAR_FROM_PRIVATE = True


def test_what_came_is_kept_with_what_stands_for_it(private, httpserver: HTTPServer):
    headers = {"ETag": '"one"', "Last-Modified": "Sat, 18 Apr 2026 12:23:00 GMT"}
    httpserver.expect_request("/a.ics", method="GET").respond_with_data(TEXT, headers=headers)

    assert fetch_calendar(httpserver.url_for("/a.ics")) == Fetched(TEXT, '"one"', "Sat, 18 Apr 2026 12:23:00 GMT")


def test_what_is_still_the_same_is_not_sent_again(private, httpserver: HTTPServer):
    def answer(request: Request) -> Response:
        same = request.headers.get("If-None-Match") == '"one"' and request.headers.get("If-Modified-Since") == "then"
        return Response(status=304 if same else 500)

    httpserver.expect_request("/a.ics").respond_with_handler(answer)

    fetched = fetch_calendar(httpserver.url_for("/a.ics"), etag='"one"', last_modified="then")
    assert fetched == Fetched(None, '"one"', "then")


def test_it_asks_under_the_name_that_was_typed(private, httpserver: HTTPServer):
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.headers["Host"])
        return Response(TEXT)

    httpserver.expect_request("/a.ics").respond_with_handler(answer)
    fetch_calendar(f"http://localhost:{httpserver.port}/a.ics")

    assert asked == [f"localhost:{httpserver.port}"]


def test_a_redirect_is_followed_and_one_without_end_is_not(private, httpserver: HTTPServer):
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/a.ics"})
    httpserver.expect_request("/a.ics").respond_with_data(TEXT)
    httpserver.expect_request("/round").respond_with_data("", status=302, headers={"Location": "/round"})

    assert fetch_calendar(httpserver.url_for("/old")).text == TEXT
    with pytest.raises(FetchFailed, match="without end"):
        fetch_calendar(httpserver.url_for("/round"))


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_refusal_is_named(private, httpserver: HTTPServer, status):
    httpserver.expect_request("/a.ics").respond_with_data("no", status=status)

    with pytest.raises(FetchFailed, match=f"^It answered with {status}.$"):
        fetch_calendar(httpserver.url_for("/a.ics"))


def test_what_is_too_long_is_left(private, httpserver: HTTPServer):
    httpserver.expect_request("/a.ics").respond_with_data(b"x" * (MOST_BYTES + 1))

    with pytest.raises(FetchFailed, match="longer than 5 million bytes"):
        fetch_calendar(httpserver.url_for("/a.ics"))


def test_nobody_there_is_said(private):
    with pytest.raises(FetchFailed, match="could not be reached"):
        fetch_calendar(f"http://127.0.0.1:{free_port()}/a.ics")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://example.org/a.ics", "Only an https address is fetched."),
        ("file:///etc/passwd", "Only an https address is fetched."),
        ("https://user:secret@127.0.0.1/a.ics", "This is no address of a calendar."),
        ("https:///a.ics", "This is no address of a calendar."),
        ("https://127.0.0.1/a.ics", "inside of a private network"),
        ("https://localhost/a.ics", "inside of a private network"),
        ("https://[::1]/a.ics", "inside of a private network"),
        ("https://0.0.0.0/a.ics", "inside of a private network"),
    ],
)
def test_an_address_inside_the_house_is_never_asked(address, sentence):
    with pytest.raises(FetchFailed, match=sentence):
        fetch_calendar(address)


def test_networks_of_ones_own_are_told_from_the_open_net():
    own = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "224.0.0.1"]
    own += ["fd00::1", "fe80::1%eth0", "::1", "::ffff:10.0.0.1", "::"]

    assert [number for number in own if is_public(number)] == []
    assert [is_public(number) for number in ("9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9")] == [True, True, True]
