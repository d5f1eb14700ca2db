"""A file is what its content says, and only some kinds are kept; its name becomes one plain line."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from incidents.enums import MediaType
from incidents.intake.attachment import LONGEST_NAME, clean_name, find_media_type
from tests.factories.checklist import PNG

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\0" * 40 + b"\xff\xd9"
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + b"\0" * 20 + b";"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L" + b"\0" * 20
PDF = b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def zipped() -> bytes:
    """An archive with one line of a log."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.log"), "14:02 error")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("graph.png", PNG, MediaType.PNG),
        ("Graph.PNG", PNG, MediaType.PNG),
        ("graph.jpg", JPEG, MediaType.JPEG),
        ("graph.jpeg", JPEG, MediaType.JPEG),
        ("graph.gif", GIF, MediaType.GIF),
        ("graph.webp", WEBP, MediaType.WEBP),
        ("report.pdf", PDF, MediaType.PDF),
        ("app.log", "14:02 Fehler – \x1b[31mrot\x1b[0m\n".encode(), MediaType.TEXT),
        ("syslog", b"14:02 error\n", MediaType.TEXT),
        ("rows.csv", b"\xef\xbb\xbfa,b\r\n1,2\r\n", MediaType.CSV),
        ("answer.json", b'{"a": 1}', MediaType.JSON),
        ("logs.zip", zipped(), MediaType.ZIP),
        ("logs.tar.gz", gzip.compress(b"14:02 error", mtime=0), MediaType.GZIP),
    ],
)
def test_what_is_kept_is_found_in_the_content(name, content, media):
    assert find_media_type(name, content) == media


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", HTML, "“page.html” is of a kind that cannot be kept. Pictures (PNG"),
        ("graph.svg", SVG, "“graph.svg” is of a kind that cannot be kept."),
        ("setup.exe", b"MZ\x90\x00", "“setup.exe” is of a kind that cannot be kept."),
        ("letter.docx", zipped(), "“letter.docx” is of a kind that cannot be kept."),
        ("graph.png", HTML, "“graph.png” is not what its name says: there is no PNG picture in it."),
        ("graph.png", SVG, "there is no PNG picture in it."),
        ("graph.png", GIF, "there is no PNG picture in it."),
        ("report.pdf", HTML, "there is no PDF in it."),
        ("logs.zip", b"14:02 error", "there is no ZIP archive in it."),
        ("graph.png.html", PNG, "is of a kind that cannot be kept."),
        (".png", PNG, "“.png” is no plain text in UTF-8."),
        ("app.log", b"\x7fELF\x02\x01\x01\x00", "“app.log” is no plain text in UTF-8."),
        ("app.log", b"caf\xe9", "“app.log” is no plain text in UTF-8."),
        ("graph.png", b"", "“graph.png” is empty."),
    ],
)
def test_what_is_not_kept_is_refused_in_a_sentence(name, content, sentence):
    with pytest.raises(InvalidInput) as refusal:
        find_media_type(name, content)

    assert sentence in str(refusal.value)
    assert refusal.value.field == "file"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\graph.png", "graph.png"),
        ("graph\r\nSet-Cookie: a=1.png", "graphSet-Cookie: a=1.png"),
        ("gnp.\u202egraph.png", "gnp.graph.png"),
        ("  a \u2028 b.png ", "a b.png"),
        ("..", "file"),
        ("", "file"),
        ("x" * 200 + ".png", "x" * 115 + "….png"),
        ("x" * 200, "x" * 120),
    ],
)
def test_a_name_becomes_one_plain_line(name, shown):
    assert clean_name(name) == shown


@given(st.text(max_size=300))
def test_any_name_is_a_name(name):
    shown = clean_name(name)

    assert 0 < len(shown) <= LONGEST_NAME
    assert shown.isprintable()
    assert "/" not in shown
