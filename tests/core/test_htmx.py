"""HTMX mechanics: page or partial, browser events, redirects."""

import json

import pytest
from django.http import HttpResponse
from django.template import TemplateDoesNotExist
from django.test import override_settings
from django_htmx.middleware import HtmxMiddleware

from core.htmx import go, render_part, trigger
from tests.factories.escalation import PageFactory

PAGE = """{% partialdef page-status inline %}<b id="page-status">{{ word }}</b>{% endpartialdef %}
{% partialdef page-answers %}<i id="page-answers">{{ word }}</i>{% endpartialdef %}<p>whole</p>"""
STATUS = '<b id="page-status">ringing</b>'
ANSWERS = '<i id="page-answers">ringing</i>'


@pytest.fixture
def template(settings):
    """The name of a page with two partials."""
    engine = {
        **settings.TEMPLATES[0],
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                ("template_partials.loader.Loader", [("django.template.loaders.locmem.Loader", {"page.html": PAGE})])
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
    with override_settings(TEMPLATES=[engine]):
        yield "page.html"


@pytest.fixture
def ask(rf):
    """Make a request as it comes out of the middleware, from htmx when it has headers."""

    def _ask(**headers: str):
        request = rf.get("/", headers={f"HX-{name}": value for name, value in headers.items()})
        HtmxMiddleware(lambda _: HttpResponse())(request)
        return request

    return _ask


def body(response: HttpResponse) -> str:
    """What it says, without the space around it."""
    return response.content.decode().strip()


def test_a_browser_gets_the_whole_page(template, ask):
    answer = render_part(ask(), template, {"word": "ringing"}, part="page-answers")

    assert body(answer) == f"{STATUS}\n<p>whole</p>"


def test_htmx_gets_the_part_that_it_targets(template, ask):
    answer = render_part(ask(Request="true", Target="page-answers"), template, {"word": "ringing"})

    assert body(answer) == ANSWERS


def test_a_view_may_name_the_part_itself(template, ask):
    answer = render_part(ask(Request="true", Target="page-answers"), template, {"word": "ringing"}, part="page-status")

    assert body(answer) == STATUS


def test_htmx_without_a_target_gets_the_whole_page(template, ask):
    assert body(render_part(ask(Request="true"), template, {"word": "ringing"})) == f"{STATUS}\n<p>whole</p>"


def test_a_boosted_link_gets_the_whole_page(template, ask):
    request = ask(Request="true", Boosted="true", Target="main")

    assert body(render_part(request, template, {"word": "ringing"})) == f"{STATUS}\n<p>whole</p>"


def test_a_target_that_is_no_part_gets_the_whole_page(template, ask):
    """A header is a wish of the browser: a made-up one must not be an error."""
    request = ask(Request="true", Target="no-such-part")

    assert body(render_part(request, template, {"word": "ringing"})) == f"{STATUS}\n<p>whole</p>"


def test_a_part_that_a_view_names_and_the_template_lacks_is_an_error(template, ask):
    with pytest.raises(TemplateDoesNotExist, match="no-such-part"):
        render_part(ask(Request="true"), template, {}, part="no-such-part")


def test_history_that_is_restored_gets_the_whole_page(template, ask):
    request = ask(**{"Request": "true", "Target": "page-status", "History-Restore-Request": "true"})

    assert body(render_part(request, template, {"word": "ringing"})) == f"{STATUS}\n<p>whole</p>"


def test_the_two_forms_of_an_address_are_told_apart_by_caches(template, ask):
    for request in (ask(), ask(Request="true", Target="page-status")):
        vary = {name.strip() for name in render_part(request, template, {"word": "x"})["Vary"].split(",")}
        assert vary == {"HX-Request", "HX-Target"}


def test_events_are_fired_in_the_browser():
    answer = trigger(HttpResponse(), "pageChanged", "incidentChanged")

    assert json.loads(answer["HX-Trigger"]) == {"pageChanged": True, "incidentChanged": True}


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["address", "object"])
def test_a_browser_is_redirected_and_htmx_is_told_to_go(ask, to, monkeypatch):
    monkeypatch.setattr("escalation.models.page.Page.get_absolute_url", lambda page: f"/pages/{page.ref}")
    page = PageFactory()
    where = page if to == "object" else f"/pages/{page.ref}"

    plain, htmx = go(ask(), where), go(ask(Request="true"), where)

    assert (plain.status_code, plain["Location"]) == (302, f"/pages/{page.ref}")
    assert (htmx.status_code, htmx["HX-Redirect"]) == (200, f"/pages/{page.ref}")
