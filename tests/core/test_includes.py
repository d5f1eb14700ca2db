"""`{% include %}` keeps the template that it names, and shows what Django's shows."""

from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest
from django.template import Context, Engine, TemplateDoesNotExist, engines
from django.urls import reverse

from core.templatetags.includes import KeptIncludeNode, _shown

PARTS = {
    "word.html": "[{{ word }}{% if loud %}!{% endif %}]",
    "keeps.html": "{% with word='inner' %}{% include 'word.html' %}{% endwith %}{{ word }}",
    "turns.html": "{% cycle 'a' 'b' %}",
    "framed.html": "{% extends 'frame.html' %}{% block body %}{{ word }}{% endblock %}",
    "frame.html": "({% block body %}nothing{% endblock %})",
    "recursive.html": "{{ tree.name }}{% for tree in tree.below %}<{% include 'recursive.html' %}>{% endfor %}",
}
TREE = {"name": "a", "below": [{"name": "b", "below": [{"name": "c"}]}, {"name": "d"}]}


def shown(source: str, builtins: list[str], **context: Any) -> list[str]:
    """What `source` shows the first and the second time."""
    loaders: list[Any] = [("django.template.loaders.locmem.Loader", {**PARTS, "page.html": source})]
    engine = Engine(loaders=[("django.template.loaders.cached.Loader", loaders)], builtins=builtins)
    return [engine.get_template("page.html").render(Context(context)) for _ in range(2)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates that an engine was asked for."""
    names: list[str] = []
    plain = Engine.get_template

    def get_template(engine: Engine, name: str) -> Any:
        names.append(name)
        return plain(engine, name)

    monkeypatch.setattr(Engine, "get_template", get_template)
    return names


@pytest.mark.parametrize(
    ("source", "context"),
    [
        ("{% include 'word.html' %}", {"word": "a & b"}),
        ("{% include 'word.html' with word='other' loud=1 %}{{ word }}{{ loud }}", {"word": "mine"}),
        ("{% include 'word.html' with word='other' only %}", {"loud": True}),
        ("{% include name %}", {"name": "word.html", "word": "x"}),
        ("{% include 'keeps.html' %}", {"word": "outer"}),
        ("{% for word in words %}{% include 'word.html' %}{% endfor %}", {"words": ["a", "b"]}),
        ("{% for word in words %}{% include 'turns.html' %}{% endfor %}", {"words": ["1", "2", "3"]}),
        ("{% block body %}{% include 'framed.html' %}{% endblock %}", {"word": "x"}),
        ("{% include 'recursive.html' %}", {"tree": TREE}),
    ],
)
def test_it_shows_what_django_shows_each_time(source: str, context: Mapping[str, Any]):
    plain = shown(source, [], **context)

    assert shown(source, ["core.templatetags.includes"], **context) == plain
    assert plain[0]


def test_a_template_that_is_not_there_is_an_error():
    with pytest.raises(TemplateDoesNotExist, match=r"nowhere\.html"):
        shown("{% include 'nowhere.html' %}", ["core.templatetags.includes"])


def test_it_is_found_once(asked: list[str]):
    shown("{% include 'word.html' %}", ["core.templatetags.includes"], word="x")

    assert asked == ["page.html", "word.html", "page.html"]


def test_the_pages_of_muster_use_it():
    template = Engine.get_default().get_template("incidents/incident/detail.html")

    assert template.nodelist.get_nodes_by_type(KeptIncludeNode)


def test_what_is_shown_once_is_asked_for_once_for_each_value(asked: list[str]):
    source = "{% once '_components/nav_own.html' handle=handle %}"
    pages = [
        str(engines["django"].from_string(source).render({"handle": handle}))
        for handle in ("once a&b", "once jens", "once a&b")
    ]

    assert asked == ["_components/nav_own.html"] * 2
    assert pages[0] == pages[2] != pages[1]
    assert [
        reverse("comms:contact-point-list", args=[handle]) in unescape(page)
        for handle, page in zip(("once a&b", "once jens"), pages, strict=False)
    ] == [True] * 2


def test_what_is_shown_once_is_rendered_anew_while_somebody_works_on_it(settings: Any):
    settings.DEBUG = True
    source = engines["django"].from_string("{% once '_components/nav_own.html' handle='debug' %}")
    shown_before = source.render({})
    _shown.cache_clear()

    assert source.render({}) == shown_before
    assert _shown.cache_info().currsize == 0
