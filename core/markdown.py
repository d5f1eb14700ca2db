"""Markdown, rendered and sanitised once, when it is written.

Nothing that somebody typed disappears: what looks like HTML (`<pod-name>`, a pasted tag) is shown as it was typed.
"""

import re
from html import escape, unescape
from re import Match
from threading import local
from xml.etree import ElementTree

import markdown as markdown_library
import nh3
from django.utils.html import strip_tags
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"),
    *("pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title"}, "td": {"align"}, "th": {"align"}}
IN_BRACKETS = r"\([^\s<>\"()]*\)"
ADDRESS = rf"(https?://(?:[^\s<>\"()]|{IN_BRACKETS})*(?:[^\s<>\"'.,;:!?()\]*_|]|{IN_BRACKETS}))"
# Words that Markdown and HTML read as they stand, as those of most lines of a timeline: each begins with a letter, or
# with the @ of a name or what opens a bracket or a quotation; one space sets them apart; nothing marks anything up.
_WORD = r"[@(“„]?[^\W_](?:[^\W_]|[-.,;:?'\"()“”„’‘…%·–—→@])*"
PLAIN_LINE = re.compile(rf"(?!\d)(?:{_WORD})(?: (?:{_WORD}|[·–—→%]))*")
# The library looks for the end of every bracket: its time grows with the square of their number.
MOST_BRACKETS = 1500


class _BareAddress(InlineProcessor):
    """A pasted address becomes a link, without the full stop or the bracket behind it."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802 - the library's name
        self, m: Match[str], data: str
    ) -> tuple[ElementTree.Element, int, int]:
        link = ElementTree.Element("a", href=m[1])
        link.text = markdown_library.util.AtomicString(m[1])
        return link, m.start(0), m.end(0)


class _AsTyped(Extension):
    """Shows HTML as text and an image as its link, and links bare addresses."""

    def extendMarkdown(self, md: markdown_library.Markdown) -> None:  # noqa: N802 - the library's name
        md.preprocessors.deregister("html_block")
        for name in ("html", "image_link", "image_reference"):
            md.inlinePatterns.deregister(name)
        md.inlinePatterns.register(_BareAddress(ADDRESS, md), "bare_address", 115)


class _Reader(local):
    """One for each thread, kept: to make it takes as long as to read five lines."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """As if nothing had been read yet."""
        extensions: list[str | Extension] = ["tables", "fenced_code", "sane_lists", "nl2br", _AsTyped()]
        self._markdown = markdown_library.Markdown(extensions=extensions)

    def read(self, source: str) -> str:
        """`source` as HTML. Raises RecursionError, and has forgotten it then."""
        try:
            return self._markdown.reset().convert(source)
        except RecursionError:
            self.begin()
            raise


_reader = _Reader()


def render_markdown(source: str) -> str:
    """`source` as safe HTML: no tag of its own, no image, links only to http, https and mailto.

    What is nested too deeply to be read as Markdown is shown as plain text.
    """
    try:
        html = _markdown(source)
    except RecursionError:
        html = _plain(source)
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer"
    )


def _markdown(source: str) -> str:
    if source.count("[") > MOST_BRACKETS:
        return _plain(source)
    return _reader.read(source)


def _plain(source: str) -> str:
    return f"<pre>{escape(source)}</pre>"


def render_line(source: str) -> str:
    """The same for one line of a timeline: a lone paragraph loses its wrapping `<p>`."""
    if PLAIN_LINE.fullmatch(source):
        return source
    html = render_markdown(source).strip()
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return html[3:-4]
    return html


def plain_words(source: str) -> str:
    """The words of Markdown without its marks, in one line, to be escaped where they are shown."""
    return " ".join(unescape(strip_tags(render_markdown(source))).split())
