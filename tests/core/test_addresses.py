"""`{% url %}` and `{% static %}` keep what they have looked up, and say the same as Django's."""

import pytest
from django.http import HttpResponse
from django.template import engines
from django.templatetags.static import static
from django.urls import NoReverseMatch, include, path, reverse


def rendered(source: str, **context: object) -> str:
    return str(engines["django"].from_string(source).render(context))


@pytest.mark.parametrize("reference", ["INC-20260418-0001", "INC-20260418-0002"])
def test_each_argument_has_its_own_address(reference):
    address = reverse("incidents:incident-detail", args=[reference])

    assert rendered("{% url 'incidents:incident-detail' reference %}", reference=reference) == address
    assert rendered("{% url 'incidents:incident-detail' reference=reference %}", reference=reference) == address
    assert rendered("{% url 'incidents:incident-detail' reference as it %}[{{ it }}]", reference=reference) == (
        f"[{address}]"
    )


def test_what_has_no_address_is_an_error_or_an_empty_variable():
    with pytest.raises(NoReverseMatch):
        rendered("{% url 'incidents:nowhere' %}")
    assert rendered("{% url 'incidents:nowhere' as it %}[{{ it }}]") == "[]"


def test_an_address_is_kept_for_its_list_of_addresses_alone(settings):
    here = rendered("{% url 'incidents:board' %}")
    settings.ROOT_URLCONF = __name__

    assert (here, rendered("{% url 'incidents:board' %}")) == ("/", "/elsewhere/")


def test_a_file_stands_where_django_puts_it(settings):
    assert rendered("{% static 'js/a&b.js' %}") == static("js/a&b.js").replace("&", "&amp;")
    settings.STATIC_URL = "/elsewhere/"

    assert rendered("{% static 'js/room.js' %}").startswith("/elsewhere/js/room")


urlpatterns = [
    path("elsewhere/", include(([path("", lambda request: HttpResponse(), name="board")], "incidents"))),
]
