"""What the sheets of paper say around the document: @page margin boxes, as a style sheet of its own.

Chromium fills margin boxes (from 131 on) but knows no string-set, and the page may hold no inline style sheet: so each
document has one under its own address. Whatever somebody typed goes into it as a CSS string, every character that is
not plain written as its number.
"""

from postmortems.export.record import Head

LONGEST_TITLE = 68
SHEET = """@page {{
  size: A4;
  margin: 24mm 18mm 20mm;
  @top-left {{ content: {head}; width: 84%; text-align: left; {font} }}
  @top-right {{ content: {level}; width: 16%; text-align: right; {font} font-weight: 700; }}
  @bottom-left {{ content: {foot}; width: 70%; text-align: left; {font} }}
  @bottom-right {{ content: "page " counter(page) " of " counter(pages); width: 30%; text-align: right; {font} }}
}}
"""
FONT = "font-family: sans-serif; font-size: 8.5pt; color: #444; vertical-align: middle;"


def css_string(text: str) -> str:
    """`text` as a CSS string that nothing typed can leave."""
    plain = " ".join(text.split())
    return '"' + "".join(c if c.isascii() and (c.isalnum() or c in " .,:-") else f"\\{ord(c):x} " for c in plain) + '"'


def page_css(head: Head, *, organisation: str) -> str:
    """The running header and the page numbers of one document."""
    title = head.title if len(head.title) <= LONGEST_TITLE else f"{head.title[: LONGEST_TITLE - 1]}…"
    return SHEET.format(
        head=css_string(f"{head.reference} · {title}"),
        level=css_string(head.level),
        foot=css_string(f"Postmortem · {organisation}"),
        font=FONT,
    )
