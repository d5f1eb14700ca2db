"""What is pressed in a room: nothing that anybody typed becomes markup, and each press carries what it needs."""

from html import unescape
from re import findall
from typing import Any

from django.template import engines
from django.test import RequestFactory

NASTY = '"><script>alert(1)</script>'


def rendered(source: str, **context: Any) -> str:
    template = engines["django"].from_string("{% load presses %}" + source)
    return str(template.render(context, request=RequestFactory().get("/")))


def test_a_link_opens_its_panel_with_and_without_scripts():
    html = rendered(
        "{% opens key='task' with_what=more label=label look='end' id='open-task' letter='t' %}",
        room_url="/incidents/INC-1/",
        more="&number=3",
        label=NASTY,
    )

    assert [unescape(found) for found in findall(r'(?:href|hx-get)="([^"]*)"', html)] == [
        "/incidents/INC-1/?panel=task&number=3#room-panel",
        "/incidents/INC-1/?panel=task&number=3",
    ]
    assert ("<script" in html, unescape(html).count(NASTY)) == (False, 2)
    assert ('id="open-task"' in html, 'data-key="t"' in html) == (True, True)


def test_a_button_sends_its_value_to_its_door_with_the_token():
    source = "{% press url=door label='stop it' name='seen' value=value tells=tells %}"
    html = rendered(source, door="/incidents/INC-1/status", value=NASTY, tells=NASTY)

    assert findall(r'(?:action|hx-post)="([^"]*)"', html) == ["/incidents/INC-1/status"] * 2
    assert len(findall(r'name="csrfmiddlewaretoken" value="\w{64}"', html)) == 1
    assert ("<script" in html, unescape(html).count(NASTY)) == (False, 2)
    assert "data-key" not in html
