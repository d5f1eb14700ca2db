"""A section's Markdown as HTML, rendered once when it is written; and the derived sections' both forms.

Two sections have a shape of their own, on screen, on paper and in Markdown alike: the impact is a list of
`- Label: value`, shown as terms; the timeline is a list of `- 14:15 CEST — what happened`, shown as a table whose head
comes again on every sheet. Text that leaves the shape is shown as the plain Markdown that it is.
"""

import re
from collections.abc import Sequence
from textwrap import dedent, indent

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.markdown import render_line, render_markdown
from postmortems.enums import SectionKey
from postmortems.export.record import Line

HEADING = re.compile(r"<(/?)h([1-6])>")
BARE = re.compile(r'<a (href="([^"]+)"[^>]*)>\2</a>')
TERM = re.compile(r"^- ([^:\n]{1,60}): (.*\S)\s*$")
LINE = re.compile(
    r"^- (?P<when>(?:\d{4}-\d\d-\d\d )?\d{1,2}:\d\d(?::\d\d)?(?: (?:[A-Z]{2,5}|[+-]\d\d(?:\d\d)?))?)"
    r" [—–-] (?P<text>.*\S)\s*$"
)
INDENT = " " * 4


def render_section(key: str, body: str) -> str:
    """`body` as safe HTML, in the shape of the section `key` where it has that shape."""
    if not body.strip():
        return ""
    if key == SectionKey.IMPACT and (terms := parse_terms(body)):
        return show_terms(terms)
    if key == SectionKey.TIMELINE and (lines := parse_lines(body)):
        return show_lines(lines)
    html = HEADING.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + 2, 6)}>", render_markdown(body))
    return BARE.sub(r'<a class="pm-bare" \1>\2</a>', html)  # paper shows the address of every other link behind it


def parse_terms(body: str) -> list[tuple[str, str]]:
    """Label and value of each line, or nothing when a line is not in the shape."""
    matches = [TERM.match(line) for line in body.strip().splitlines() if line.strip()]
    return [(match[1], match[2]) for match in matches if match] if all(matches) else []


def show_terms(terms: Sequence[tuple[str, str]]) -> SafeString:
    """Terms and their values; a value is Markdown of one line."""
    rows = format_html_join("\n", "<dt>{}</dt><dd>{}</dd>", ((label, safe_line(value)) for label, value in terms))
    return format_html("<dl>\n{}\n</dl>", rows)


def lines_body(lines: Sequence[Line]) -> str:
    """The lines as Markdown; what an entry says beyond its first line is indented below it."""
    return "\n".join(f"- {line.when} — {indent(line.text, INDENT).strip()}" for line in lines)


def parse_lines(body: str) -> list[Line]:
    """The lines that `lines_body` wrote and somebody may have edited, or nothing when one is not in the shape."""
    found: list[list[str]] = []
    for raw in body.strip().splitlines():
        if match := LINE.match(raw):
            found.append([match["when"], match["text"]])
        elif found and (raw.startswith("  ") or not raw.strip()):
            found[-1].append(raw)
        else:
            return []
    return [Line(when, "\n".join([first, dedent("\n".join(more))]).strip()) for when, first, *more in found]


def show_lines(lines: Sequence[Line]) -> SafeString:
    """The lines as a table; the zone stands in its head when all share it."""
    if not lines:
        return mark_safe("")
    clocks = [line.when.rpartition(" ") for line in lines]
    zones = {zone if ":" not in zone else "" for _, _, zone in clocks}
    zone = zones.pop() if len(zones) == 1 else ""
    rows = format_html_join(
        "\n",
        "<tr><td>{}</td><td>{}</td></tr>",
        (
            (line.when.removesuffix(f" {zone}") if zone else line.when, mark_safe(line.html) or safe_line(line.text))
            for line in lines
        ),
    )
    head = f"Time ({zone})" if zone else "Time"
    return format_html(
        '<table class="pm-lines"><thead><tr><th scope="col">{}</th><th scope="col">What happened</th></tr></thead>'
        "<tbody>\n{}\n</tbody></table>",
        head,
        rows,
    )


def safe_line(text: str) -> SafeString:
    """One line of Markdown, sanitised."""
    return mark_safe(render_line(text))
