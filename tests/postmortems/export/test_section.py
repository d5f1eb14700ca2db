"""A section's Markdown as HTML, in the shapes of the impact and the timeline."""

import pytest

from postmortems.enums import SectionKey
from postmortems.export.record import Line, timeline_lines
from postmortems.export.section import lines_body, parse_lines, render_section, show_lines
from postmortems.queries.postmortem import entries_of


def test_the_derived_timeline_and_the_same_text_edited_look_alike(story):
    lines = timeline_lines(entries_of(story))

    assert render_section(SectionKey.TIMELINE, lines_body(lines)) == show_lines(lines)
    assert [(line.when, line.text) for line in parse_lines(lines_body(lines))] == [
        (line.when, line.text) for line in lines
    ]


def test_a_shared_zone_stands_in_the_head_of_the_table():
    assert render_section(SectionKey.TIMELINE, "- 14:15 CEST — a **b**\n- 14:23 CEST — <i>c") == (
        '<table class="pm-lines"><thead><tr><th scope="col">Time (CEST)</th><th scope="col">What happened</th></tr>'
        "</thead><tbody>\n<tr><td>14:15</td><td>a <strong>b</strong></td></tr>\n"
        "<tr><td>14:23</td><td>&lt;i&gt;c</td></tr>\n</tbody></table>"
    )


def test_two_zones_stand_on_their_lines():
    html = show_lines([Line("01:30 CET", "a"), Line("03:30 CEST", "b")])
    assert '<th scope="col">Time</th>' in html
    assert "<td>01:30 CET</td>" in html
    assert "<td>03:30 CEST</td>" in html


@pytest.mark.parametrize(
    "body",
    ["We looked at it.\n- 14:15 CEST — a", "- 14:15 CEST a", "1. 14:15 CEST — a", "- later — a"],
)
def test_text_that_leaves_the_shape_is_plain_markdown(body):
    assert "<table" not in render_section(SectionKey.TIMELINE, body)
    assert parse_lines(body) == []


def test_a_timeline_of_other_sections_is_a_list():
    assert render_section(SectionKey.SUMMARY, "- 14:15 CEST — a").startswith("<ul>")


def test_an_impact_with_a_sentence_of_its_own_is_plain_markdown():
    assert render_section(SectionKey.IMPACT, "Little.\n\n- Data integrity: None").startswith("<p>Little.</p>")


def test_nothing_typed_becomes_a_tag_of_its_own():
    hostile = '- <img src=x onerror=alert(1)>: "><script>alert(1)</script>'
    html = render_section(SectionKey.IMPACT, hostile)
    assert html == (
        '<dl>\n<dt>&lt;img src=x onerror=alert(1)&gt;</dt><dd>"&gt;&lt;script&gt;alert(1)&lt;/script&gt;</dd>\n</dl>'
    )


def test_headings_of_a_section_stand_below_its_own():
    assert render_section(SectionKey.SUMMARY, "# a\n\n###### b") == "<h3>a</h3>\n<h6>b</h6>"


def test_an_empty_section_is_empty():
    assert render_section(SectionKey.TIMELINE, " \n ") == ""


def test_a_bare_address_is_marked_so_that_paper_shows_it_once():
    html = render_section(SectionKey.SUMMARY, "See https://example.org/a?b=c&d and [e](https://example.org/e).")
    assert html == (
        '<p>See <a class="pm-bare" href="https://example.org/a?b=c&amp;d" rel="noopener noreferrer">'
        'https://example.org/a?b=c&amp;d</a> and <a href="https://example.org/e" rel="noopener noreferrer">e</a>.</p>'
    )
