"""Templates: what HTMX aims at is there, a partial carries its name as its id, and nothing asks for inline script."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.house.source import templates

COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)
EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
IDS = re.compile(r"""(?<![\w-])id=(["'])(.*?)\1""", re.DOTALL)
WITH_ID = re.compile(r"""{%\s*include[^%]*?\bid=["']([\w-]+)["']""")
TARGETS = re.compile(r"""hx-(?:target|include|indicator|select|select-oob|swap-oob)=(["'])(.*?)\1""", re.DOTALL)
PARTIALDEF = re.compile(r"{%\s*partialdef\s+([\w-]+).*?%}(.*?){%\s*endpartialdef", re.DOTALL)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)|<style|\son[a-z]+\s*=\s*[\"']|javascript:", re.I
)
FROM_FORMS = re.compile(r"id_[a-z_]+")

Named = Iterable[tuple[Path, str]]


def plain(text: str) -> str:
    """Without comments, and every expression the same star."""
    return EXPRESSION.sub("*", COMMENT.sub("", text))


def ids_in(named: Named) -> set[str]:
    """Every id that a template gives; what varies in it is a star."""
    found = set()
    for _, text in named:
        found |= {each for _, each in IDS.findall(plain(text))}
        found |= set(WITH_ID.findall(COMMENT.sub("", text)))
    return found


def matches(target: str, ids: set[str]) -> bool:
    """Whether one of `ids` can be `target`; a star stands for anything."""
    return target in ids or any(
        re.fullmatch(re.escape(each).replace(r"\*", ".+"), target.replace("*", "0")) for each in ids if each.strip("*")
    )


def targets_without_id(named: Named) -> list[str]:
    """Selectors by id in hx- attributes that no template gives."""
    named = list(named)
    ids = ids_in(named)
    return [
        f"{name}: #{target}"
        for name, text in named
        for _, value in TARGETS.findall(plain(text))
        for target in re.findall(r"#([\w*-]+)", value)
        if not matches(target, ids) and not FROM_FORMS.fullmatch(target)
    ]


def partials_without_their_id(named: Named) -> list[str]:
    """Partials whose body does not begin with an element that carries their name as its id."""
    return [
        f"{name}#{part}"
        for name, text in named
        for part, body in PARTIALDEF.findall(COMMENT.sub("", text))
        if (first := re.search(r"<\w[^>]*>", EXPRESSION.sub("*", body), re.DOTALL)) is None
        or not re.search(rf"""(?<![\w-])id=["']{part}["']""", first[0])
    ]


def partials_defined_twice(named: Named) -> list[str]:
    """Partials of one name in one template."""
    found = []
    for name, text in named:
        parts = [part for part, _ in PARTIALDEF.findall(text)]
        found += [f"{name}#{part}" for part in sorted(set(parts)) if parts.count(part) > 1]
    return found


def acts_inline(named: Named) -> list[str]:
    """Inline scripts, styles and handlers, which the Content-Security-Policy would stop."""
    return [f"{name}: {found[0].strip()}" for name, text in named if (found := INLINE.search(COMMENT.sub("", text)))]


def test_what_htmx_aims_at_is_there():
    assert targets_without_id(templates()) == []


def test_a_partial_carries_its_name_as_its_id():
    assert partials_without_their_id(templates()) == []


def test_a_partial_is_defined_once():
    assert partials_defined_twice(templates()) == []


def test_no_template_acts_inline():
    assert acts_inline(templates()) == []


# --- the scanners see what they look for -----------------------------------------------------------------------------
def sample(text: str) -> list[tuple[Path, str]]:
    return [(Path("a.html"), text)]


def test_a_target_without_an_id_is_seen():
    text = """<p id="here"><p id='row-{{ pk }}'><p hx-target="#here"><p hx-target="#row-{{ other }}">
    <p hx-target="this"><p hx-target="#gone"><p hx-swap-oob="outerHTML:#lost-{{ pk }}">
    <p hx-include="closest form, #absent"><p hx-target="#id_name">
    {# <p id="absent"> #}{% include "b.html" with id="given" %}<p hx-target="#given"><p data-id="gone">"""

    assert targets_without_id(sample(text)) == ["a.html: #gone", "a.html: #lost-*", "a.html: #absent"]


def test_an_id_that_is_all_expression_matches_nothing():
    assert targets_without_id(sample('<p id="{{ id }}"><p hx-target="#gone">')) == ["a.html: #gone"]


def test_a_partial_without_its_id_is_seen():
    good = '{% partialdef page-status inline %}{% if x %}<p id="page-status">{% endif %}{% endpartialdef %}'
    bad = good.replace('id="page-status"', 'id="other"')

    assert partials_without_their_id(sample(good)) == []
    assert partials_without_their_id(sample(bad)) == ["a.html#page-status"]
    assert partials_without_their_id(sample("{% partialdef x %}words{% endpartialdef %}")) == ["a.html#x"]
    assert partials_defined_twice(sample(good + good)) == ["a.html#page-status"]


def test_what_acts_inline_is_seen():
    for bad in ("<script>x</script>", "<style>p{}</style>", '<p onclick="x">', '<a href="javascript:x">'):
        assert len(acts_inline(sample(bad))) == 1
    for good in (
        '<script src="x.js"></script>',
        '<script type="application/json">{}</script>',
        '<p style="width: 3%">',
    ):
        assert acts_inline(sample(good)) == []


def test_a_button_that_sends_by_itself_never_looks_for_a_button_inside_itself() -> None:
    """`find button`, inherited from its form, finds none in a button: a second press would not be held."""
    wrong = [
        str(path)
        for path, text in templates()
        for form in re.findall(r"<form[^>]*find button.*?</form>", plain(text), re.DOTALL)
        for button in re.findall(r"<button[^>]*hx-post[^>]*>", form)
        if 'hx-disabled-elt="this"' not in button
    ]
    assert wrong == []
