"""A door without a sign-in says why."""

import pytest
from django.http import HttpRequest, HttpResponse

from core.public import public_door


def test_a_public_door_is_open_and_keeps_its_reason():
    @public_door("A load balancer asks it.")
    def healthz(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    assert vars(healthz) == {"login_required": False, "public_because": "A load balancer asks it."}
    assert healthz(HttpRequest()).content == b"ok"


@pytest.mark.parametrize("reason", ["", "public", "A load balancer asks it"])
def test_a_reason_is_a_sentence(reason):
    with pytest.raises(ValueError, match="says why in a sentence"):
        public_door(reason)
