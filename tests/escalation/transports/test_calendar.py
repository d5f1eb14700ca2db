"""Fetching a calendar: bounded, conditional, and never from inside the house."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
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


# --- certificates ----------------------------------------------------------------------------------------------------
@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Callable[..., tuple[HTTPServer, str]]]:
    """Opens https servers of this machine, each with a certificate that it made itself, whose file comes with it."""
    opened: list[HTTPServer] = []

    def open_one(name: str, *, ends: timedelta = timedelta(days=1)) -> tuple[HTTPServer, str]:
        pem = tmp_path / f"{len(opened)}.pem"
        pem.write_bytes(self_signed(name, ends))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server = HTTPServer(ssl_context=context)
        server.start()
        opened.append(server)
        server.expect_request("/a.ics").respond_with_data(TEXT)
        return server, str(pem)

    yield open_one
    for server in opened:
        server.stop()


def self_signed(name: str, ends: timedelta) -> bytes:
    """A key and a certificate for `name` that nobody else has signed, which began two days ago."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=2))
        .not_valid_after(today + ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key.private_bytes(*form) + certificate.public_bytes(Encoding.PEM)


def address_of(server: HTTPServer) -> str:
    return f"https://localhost:{server.port}/a.ics"


def test_a_certificate_that_nobody_vouches_for_is_refused_in_words_and_nothing_is_asked(private, shop):
    server, _ = shop("localhost")

    with pytest.raises(FetchFailed) as refusal:
        fetch_calendar(address_of(server))

    assert str(refusal.value) == (
        "Its certificate is refused: nobody we trust vouches for it, it has expired, or it is for another name."
    )
    assert server.log == []


def test_a_certificate_that_is_vouched_for_is_taken_under_the_name_that_was_typed(private, shop, monkeypatch):
    server, certificate = shop("localhost")
    monkeypatch.setattr(certifi, "where", lambda: certificate)

    assert fetch_calendar(address_of(server)).text == TEXT


@pytest.mark.parametrize(("name", "ends"), [("other.example", timedelta(days=1)), ("localhost", -timedelta(days=1))])
def test_one_for_another_name_or_that_has_expired_is_refused_though_it_is_vouched_for(
    private, shop, monkeypatch, name, ends
):
    server, certificate = shop(name, ends=ends)
    monkeypatch.setattr(certifi, "where", lambda: certificate)

    with pytest.raises(FetchFailed, match=r"^Its certificate is refused"):
        fetch_calendar(address_of(server))


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
