"""Markdown, rendered and sanitised once, when it is written."""

import markdown as markdown_library
import nh3

TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p"),
    *("pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title"}, "td": {"align"}, "th": {"align"}}


def render_markdown(source: str) -> str:
    """`source` as safe HTML: no script, no style, no image, links only to http, https and mailto."""
    html = markdown_library.markdown(source, extensions=["tables", "fenced_code", "sane_lists", "nl2br"])
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer"
    )


def render_line(source: str) -> str:
    """The same for one line of a timeline: a lone paragraph loses its wrapping `<p>`."""
    html = render_markdown(source).strip()
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return html[3:-4]
    return html
