"""Markdown from people is safe HTML, however it was meant."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markdown import ATTRIBUTES, PLAIN_LINE, TAGS, plain_words, render_line, render_markdown

LINK = 'rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Hotfix **merged**", "<p>Hotfix <strong>merged</strong></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("`kubectl get pods`", "<p><code>kubectl get pods</code></p>"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        (
            "[grafana](https://g.example/d?x=1&y=2)",
            f'<p><a href="https://g.example/d?x=1&amp;y=2" {LINK}>grafana</a></p>',
        ),
        ("<mailto:a@example.org>", f'<p><a href="mailto:a@example.org" {LINK}>a@example.org</a></p>'),
        ("5 < 6 & 7 > 6", "<p>5 &lt; 6 &amp; 7 &gt; 6</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_html(source, html):
    assert render_markdown(source) == html


def test_a_table_keeps_its_head_and_its_alignment():
    html = render_markdown("| # | Action |\n|--:|---|\n| 1 | test |")

    assert html == (
        "<table>\n<thead>\n<tr>\n<th>#</th>\n<th>Action</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n"
        "<td>test</td>\n</tr>\n</tbody>\n</table>"
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("latency <threshold> exceeded", "<p>latency &lt;threshold&gt; exceeded</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<div>\n\n*text*\n\n</div>", "<p>&lt;div&gt;</p>\n<p><em>text</em></p>\n<p>&lt;/div&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("<a href='javascript:alert(1)'>x</a>", "<p>&lt;a href='javascript:alert(1)'&gt;x&lt;/a&gt;</p>"),
        (
            "> <b onclick=x>**deep**</b>",
            "<blockquote>\n<p>&lt;b onclick=x&gt;<strong>deep</strong>&lt;/b&gt;</p>\n</blockquote>",
        ),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>"),
        ("one<br>two", "<p>one&lt;br&gt;two</p>"),
    ],
)
def test_what_looks_like_html_is_shown_as_it_was_typed(source, html):
    assert render_markdown(source) == html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#9;script:alert(1)",
        "java&#x0A;script:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:msgbox",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("source", ["[x]({})", "> - [x]({})", "[x][1]\n\n[1]: {}"])
def test_a_link_leads_to_the_web_or_to_mail_and_nowhere_else(source, address):
    assert f"<a {LINK}>x</a>" in render_markdown(source.format(address))


def test_an_address_with_a_tab_in_its_scheme_is_no_scheme():
    assert render_markdown("[x](java\tscript:alert(1))") == f'<p><a href="java    script:alert(1)" {LINK}>x</a></p>'


@pytest.mark.parametrize(
    ("source", "address", "rest"),
    [
        ("https://g.example/d?x=1&y=2. ok", "https://g.example/d?x=1&amp;y=2", ". ok"),
        ("https://a.example/wiki/X_(y), ok", "https://a.example/wiki/X_(y)", ", ok"),
        ("https://a.example/a_b_c_d", "https://a.example/a_b_c_d", ""),
    ],
)
def test_a_pasted_address_is_a_link_without_what_stands_behind_it(source, address, rest):
    assert render_line(f"see {source}") == f'see <a href="{address}" {LINK}>{address}</a>{rest}'


def test_an_address_in_brackets_in_code_or_in_a_link_is_linked_once_or_not():
    link = f'<a href="https://a.example" {LINK}>https://a.example</a>'

    assert render_line("(https://a.example)") == f"({link})"
    assert render_line("[https://a.example](https://a.example)") == link
    assert render_line("<https://a.example>") == link
    assert render_line("`https://a.example`") == "<code>https://a.example</code>"


def test_an_image_is_not_loaded_but_can_be_followed():
    address = "https://tracker.example/x.png"

    assert render_line(f"![graph]({address})") == f'![graph](<a href="{address}" {LINK}>{address}</a>)'


@pytest.mark.parametrize("source", ["- " * 2000 + "x", "[" * 5000, "![" * 5000, "> " * 5000 + "x", "[x](" * 3000])
def test_what_is_nested_beyond_reading_is_shown_all_the_same(source):
    assert re.sub(r"<[^>]+>|\s", "", render_markdown(source)) != ""


@pytest.mark.parametrize("source", ["- " * 2000 + "x <b>", "[" * 5000])
def test_what_cannot_be_read_as_markdown_is_shown_as_plain_text(source):
    assert render_markdown(source) == f"<pre>{html.escape(source)}</pre>"


@pytest.mark.parametrize("before", ["- " * 2000 + "x", "[a]: https://example.org", "| a |\n|---|", "```\nopen", "> x"])
def test_what_was_read_before_leaves_nothing_behind(before):
    source = "See [a] and\n\n| one |\n|-----|\n| two |"
    alone = render_markdown(source)
    render_markdown(before)

    assert render_markdown(source) == alone
    assert "https://example.org" not in alone


def test_only_tags_and_attributes_that_cannot_act_are_let_through():
    assert not TAGS & {"script", "style", "img", "iframe", "object", "embed", "form", "input", "button", "svg", "math"}
    assert {name for names in ATTRIBUTES.values() for name in names} == {"href", "title", "align"}


TAG = re.compile(r"</?([a-z0-9]+)((?: [a-z]+=\"[^\"<>]*\")*) ?/?>")


@given(st.text(alphabet=st.sampled_from("<>\"'&`*_[]()!#|\n abcscriptonload=:/-1"), max_size=80))
def test_whatever_is_typed_comes_out_as_known_tags_and_text(source):
    found = TAG.findall(shown := render_markdown(source))

    assert {tag for tag, _ in found} <= TAGS
    assert {name for _, names in found for name in re.findall(r" ([a-z]+)=", names)} <= {
        "href",
        "title",
        "align",
        "rel",
    }
    assert "<" not in TAG.sub("", shown)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Hotfix **merged**", "Hotfix <strong>merged</strong>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- one", "<ul>\n<li>one</li>\n</ul>"),
        ("one\n\n- two", "<p>one</p>\n<ul>\n<li>two</li>\n</ul>"),
        ("", ""),
    ],
)
def test_a_line_loses_the_wrapper_of_its_only_paragraph(source, html):
    assert render_line(source) == html


@pytest.mark.parametrize(
    "said", ["@ana declared SEV3: It is odd", "INC-7: 5 % of all, since 14:03 (CET)", "SEV2 → SEV1"]
)
def test_a_line_that_marks_nothing_up_is_what_it_is(said):
    assert PLAIN_LINE.fullmatch(said)
    assert render_line(said) == said


@given(st.from_regex(PLAIN_LINE, fullmatch=True))
def test_a_plain_line_reads_the_same_as_by_markdown(said):
    assert render_line(said) == render_markdown(said).strip().removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize(
    "said", ["1. first", "- first", "a  b", "*a*", "a & b", "see https://a.example", "a_b_", " a", "a\nb"]
)
def test_what_may_mark_something_up_is_read_as_markdown(said):
    assert not PLAIN_LINE.fullmatch(said)


def test_its_words_alone_have_no_marks_and_keep_what_looks_like_a_tag():
    written = "**Told the public:** `a < b` & more\n\n- [one](https://example.org/)\n- two"

    assert plain_words(written) == "Told the public: a < b & more one two"
