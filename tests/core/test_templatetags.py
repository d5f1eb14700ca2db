"""Moments in templates: for machines in the attribute, for people in the text, the zone always at hand."""

from datetime import timedelta

import pytest
from django.template import Context, Template


@pytest.fixture(autouse=True)
def berlin(settings):
    """The organisation sits in Berlin."""
    settings.TIME_ZONE = "Europe/Berlin"


def shown(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("name", "shape", "text"),
    [
        ("clock", "clock", "14:23"),
        ("clock_zone", "clock-zone", "14:23 CEST"),
        ("moment", "moment", "2026-04-18 14:23 CEST"),
    ],
)
def test_a_moment_is_a_time_element_in_the_organisations_zone(now, name, shape, text):
    assert shown("{{ at|" + name + " }}", at=now) == (
        f'<time datetime="2026-04-18T14:23:00+02:00" title="2026-04-18 14:23 CEST" data-shape="{shape}">{text}</time>'
    )


@pytest.mark.parametrize("name", ["clock", "clock_zone", "moment", "left"])
def test_nothing_is_shown_for_no_moment(name):
    assert shown("{{ at|" + name + " }}", at=None) == ""


def test_a_countdown_is_text():
    assert shown("{{ in|left }}", **{"in": timedelta(minutes=4, seconds=20)}) == "4:20"
    assert shown("{{ in|left }}", **{"in": -timedelta(minutes=1)}) == "−1:00"
