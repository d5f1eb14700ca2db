"""Declaring: two fields, clear sentences, nothing lost, nothing twice."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from escalation.models import Page, Policy
from incidents.models import Incident
from tests.factories.accounts import UserFactory
from tests.factories.escalation import PolicyFactory, ServiceFactory
from tests.factories.incidents import level_of, make_ladder
from tests.factories.policy import apply_preset

pytestmark = pytest.mark.django_db
ADDRESS = "/declare/"


@pytest.fixture
def viewer() -> User:
    return UserFactory(handle="vera", viewer=True)


@pytest.fixture
def signed_in(viewer: User, client: Client) -> Client:
    client.force_login(viewer)
    return client


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_viewer_declares_with_two_fields_and_lands_in_the_room(signed_in, viewer):
    ladder = make_ladder()

    answer = signed_in.post(ADDRESS, {"level": "SEV2", "summary": "Pipeline blocks spiking"})

    incident = Incident.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    assert (incident.level, incident.summary, incident.service) == (
        level_of(ladder, "SEV2"),
        "Pipeline blocks spiking",
        None,
    )
    assert incident.declared_by == viewer
    assert [page.group for page in Page.objects.all()] == ["primary"]


def test_htmx_is_sent_to_the_room_by_its_header(signed_in):
    make_ladder()

    answer = signed_in.post(ADDRESS, {"level": "SEV3", "summary": "Slow"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (200, Incident.objects.get().get_absolute_url())


def test_the_service_is_named_by_its_slug(signed_in):
    make_ladder()
    service = ServiceFactory()

    signed_in.post(ADDRESS, {"level": "SEV2", "summary": "Slow", "service": service.slug})

    assert Incident.objects.get().service == service


def test_a_double_press_declares_once(signed_in):
    make_ladder()
    words = {"level": "SEV2", "summary": "Slow", "submission_key": str(uuid.uuid4())}

    first, second = signed_in.post(ADDRESS, words), signed_in.post(ADDRESS, words)

    assert Incident.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_each_form_that_is_shown_has_a_key_of_its_own(signed_in):
    make_ladder()

    keys = {str(signed_in.get(ADDRESS).context["form"]["submission_key"].value()) for _ in range(2)}

    assert len(keys) == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"summary": "Slow"}, "Choose a level: how bad is it?"),
        ({"level": "SEV9", "summary": "Slow"}, "“SEV9” is not a level of the ladder in force; choose one of these."),
        ({"level": "SEV2", "summary": "  "}, "Say in one line what is wrong."),
        ({"level": "SEV2", "summary": "Sl\x00ow"}, "Null characters are not allowed."),
        (
            {"level": "SEV2", "summary": "x" * 201},
            "The summary has 201 characters and one line holds 200; put the rest in the room.",
        ),
        (
            {"level": "SEV2", "summary": "Slow", "service": "gone"},
            "There is no such service any more; choose another, or none.",
        ),
        ({"level": "SEV2", "summary": "Slow", "submission_key": "x"}, "Reload the page and declare again."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_written(signed_in, words, sentence):
    make_ladder()

    answer = signed_in.post(ADDRESS, words)

    assert answer.status_code == 422
    assert sentence in said(answer)
    assert Incident.objects.count() == 0


def test_what_was_typed_and_chosen_stays_with_the_same_key(signed_in):
    make_ladder()
    key, service = str(uuid.uuid4()), ServiceFactory()

    answer = signed_in.post(
        ADDRESS, {"level": "sev1", "summary": "y" * 201, "service": service.slug, "submission_key": key}
    )

    page = said(answer)
    assert 'value="SEV1" checked' in page
    assert f'value="{"y" * 201}"' in page
    assert f'<option value="{service.slug}" selected>' in page
    assert f'name="submission_key" value="{key}"' in page


def test_a_key_of_another_person_is_refused_whole(signed_in, client):
    make_ladder()
    words = {"level": "SEV2", "summary": "Slow", "submission_key": str(uuid.uuid4())}
    signed_in.post(ADDRESS, words)
    client.force_login(UserFactory())

    answer = client.post(ADDRESS, words)

    assert answer.status_code == 422
    assert "This form was sent by somebody else before" in said(answer)
    assert Incident.objects.count() == 1


def test_nothing_is_chosen_beforehand(signed_in):
    make_ladder()

    page = said(signed_in.get(ADDRESS))

    assert (page.count('type="radio"'), "checked" in page, "selected" in page) == (3, False, False)
    assert '<option value="">I do not know yet</option>' in page


def test_the_address_prefills_what_it_names(signed_in):
    make_ladder()

    page = said(signed_in.get(f"{ADDRESS}?level=SEV2&summary=Blocks+spiking"))

    assert 'value="SEV2" checked' in page
    assert 'value="Blocks spiking"' in page
    assert Incident.objects.count() == 0


def test_an_unknown_level_in_the_address_chooses_nothing(signed_in):
    make_ladder()

    answer = signed_in.get(f"{ADDRESS}?level=SEV7")

    assert (answer.status_code, "checked" in said(answer)) == (200, False)


def test_the_cards_say_what_makes_a_level_who_is_rung_and_what_is_owed(signed_in):
    make_ladder()

    page = said(signed_in.get(ADDRESS))

    assert "Customers cannot work, data may be lost, or a breach is suspected." in page
    assert "For example: Nobody can sign in" in page
    assert "Rings primary; an answer is owed within 5 min. Response: 5 min. Status update every 15 min." in page
    assert "Without a service, <b>Primary</b> is rung." in page


def test_a_level_whose_groups_are_not_set_up_says_so_before_it_is_declared_and_its_room_afterwards(signed_in):
    apply_preset("response-teams")
    PolicyFactory(slug="support")

    page = said(signed_in.get(ADDRESS))
    assert (
        "Not set up, so not rung: infrastructure, deployment, backend, frontend, executive briefer.</b> Rings support;"
    ) in page
    assert "Not set up, so not rung: infrastructure, deployment" in page.partition('value="P1"')[2]
    assert "the default policy <b>infrastructure</b> is not set up" in page

    Policy.objects.all().delete()
    room = said(signed_in.post(ADDRESS, {"level": "P0", "summary": "All uploads fail"}, follow=True))
    assert "Nobody was rung.</b>" in room.partition('id="room-band"')[2].partition("</section>")[0]


def test_without_a_ladder_a_sentence_says_so(signed_in, client):
    assert "There is no severity ladder yet" in said(signed_in.get(ADDRESS))
    assert reverse("admin:index") not in said(signed_in.get(ADDRESS))
    client.force_login(UserFactory(admin=True))
    assert f'<a href="{reverse("admin:index")}">Make one in the admin</a>' in said(client.get(ADDRESS))
    assert client.post(ADDRESS, {"level": "SEV2", "summary": "Slow"}).status_code == 200


def test_a_level_of_an_older_version_means_the_level_of_that_name_now(signed_in):
    ladder = make_ladder()
    newer = type(ladder).objects.create(
        ladder=ladder.ladder, number=2, default_policy="primary", workdays=[1], created_at=ladder.created_at
    )
    type(level_of(ladder, "SEV2")).objects.create(version=newer, name="SEV2", rank=1, criteria="Anything.")

    signed_in.post(ADDRESS, {"level": "SEV2", "summary": "Slow"})

    assert Incident.objects.get().level == level_of(newer, "SEV2")
