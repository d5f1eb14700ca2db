"""Running header and page numbers as a style sheet that nothing typed can leave."""

import re

import pytest

from postmortems.export.paper import css_string, page_css
from postmortems.export.record import Head


def head(title: str) -> Head:
    return Head("INC-20260418-0042", title, "SEV2", 2, "2026-04-18", "14:15 → 15:20 CEST (65 min)", [])


@pytest.mark.parametrize(
    "title",
    [
        '"; } body { display: none } @page { x: "',
        "\\",
        "a\\22 b",
        "</style><script>",
        "line\nbreak\x0c\r",
        "*/ /*",
        "“é”漢",
    ],
)
def test_every_title_stays_inside_its_string(title):
    string = css_string(title)

    assert re.fullmatch(r'"(?:[A-Za-z0-9 .,:-]|\\[0-9a-f]+ )*"', string)
    read = re.sub(r"\\([0-9a-f]+) ", lambda escape: chr(int(escape[1], 16)), string[1:-1])
    assert read == " ".join(title.split())


def test_the_sheet_is_a4_with_header_and_page_numbers():
    css = page_css(head("Pipeline blocks spiking"), organisation="Muster")

    assert "size: A4;" in css
    assert 'content: "INC-20260418-0042 \\b7  Pipeline blocks spiking";' in css
    assert 'content: "SEV2";' in css
    assert 'content: "page " counter(page) " of " counter(pages);' in css


def test_a_title_too_long_for_one_line_is_cut():
    assert css_string("x" * 67 + "…") in page_css(head("x" * 200), organisation="Muster").replace(
        "INC-20260418-0042 \\b7  ", ""
    )
