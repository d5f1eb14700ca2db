"""The admin of ladders: every save is a new version, every mistake stands at its field."""

import html
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.enums import AccessLevel
from accounts.models import User
from incidents.forms.ladder import CHAPTERS
from incidents.models import Ladder, LadderVersion
from incidents.policy_file import document_of, read_document
from tests.factories.accounts import UserFactory
from tests.factories.comms import SubscriptionFactory
from tests.factories.escalation import PolicyFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.policy import apply_preset, apply_text, level_of, preset_text, read_preset, whole_policy
from tests.form_fields import form_fields

pytestmark = pytest.mark.django_db

LIST = "/admin/incidents/ladder/"
ADD = LIST + "add/"


@pytest.fixture
def ana() -> User:
    """An admin who is no superuser: the access level alone opens the door."""
    return UserFactory(handle="ana", access=AccessLevel.ADMIN)


@pytest.fixture
def admin(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def version() -> LadderVersion:
    return apply_preset("pager")


def address(version: LadderVersion) -> str:
    return reverse("admin:incidents_ladder_change", args=[version.ladder_id])


def untouched(admin: Client, version: LadderVersion) -> dict[str, list[str]]:
    return form_fields(admin.get(address(version)), "ladder_form")


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def text_of(response: Any) -> str:
    """The words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def newest() -> LadderVersion:
    return LadderVersion.objects.order_by("-number")[0]


def test_the_list_shows_what_is_in_force(admin: Client, version: LadderVersion) -> None:
    text = text_of(admin.get(LIST))
    assert "Pager pager" in text
    assert "1, since 2026-04-18 12:23 UTC SEV1, SEV2, SEV3" in text


def test_the_form_shows_everything_that_the_ladder_says(admin: Client, version: LadderVersion) -> None:
    fields = untouched(admin, version)

    assert fields["head-name"] == ["Pager"]
    assert fields["head-workdays"] == ["1", "2", "3", "4", "5"]
    assert fields["levels-0-name"] == ["SEV1"]
    assert fields["levels-1-respond_within"] == ["15 min"]
    assert fields["levels-0-pages-0-makes_commander"] == ["on"]
    assert fields["levels-0-owed-0-within"] == ["15 min"]
    assert fields["levels-0-owed-0-to"] == ["incidents"]
    assert fields["levels-3-name"] == [""]
    assert "Customers cannot use the product" in fields["levels-0-criteria"][0]


def test_saving_it_untouched_changes_nothing(admin: Client, version: LadderVersion) -> None:
    response = admin.post(address(version), {**untouched(admin, version), "_save": "Save"})

    assert response.status_code == 302
    assert said(response)[0] == "Nothing was changed."
    assert LadderVersion.objects.count() == 1


def test_a_change_makes_the_next_version_and_says_it_in_words(
    admin: Client, version: LadderVersion, ana: User
) -> None:
    incident = IncidentFactory(level=level_of(version, "SEV1"))
    fields = {**untouched(admin, version), "levels-1-owed-0-within": "20 min", "note": "As agreed on Monday."}

    response = admin.post(address(version), {**fields, "_save": "Save"})

    assert (response.status_code, response["Location"]) == (302, address(version))
    assert said(response)[0] == (
        "Version 2 is in force. SEV2: a status update is owed every 20 min, was 30 min. "
        f"1 open incident keeps version 1: {incident.reference}."
    )
    second = newest()
    assert (second.number, second.created_by, second.note) == (2, ana, "As agreed on Monday.")
    recent = text_of(admin.get("/admin/")).partition("Recent actions")[2]
    assert "Pager" in recent
    assert "As agreed on Monday." in text_of(
        admin.get(reverse("admin:incidents_ladder_history", args=[version.ladder_id]))
    )
    assert level_of(second, "SEV2").duties.get(kind="status_update").within == "20 min"
    incident.refresh_from_db()
    assert incident.level.version == version


def test_show_what_would_change_saves_nothing_and_keeps_what_was_typed(admin: Client, version: LadderVersion) -> None:
    fields = {**untouched(admin, version), "levels-0-acknowledge_within": "2 minutes"}

    response = admin.post(address(version), {**fields, "_plan": "Show"})

    assert "What would change SEV1: a page must be acknowledged within 2 min, was 5 min." in text_of(response)
    assert form_fields(response, "ladder_form")["levels-0-acknowledge_within"] == ["2 minutes"]
    assert LadderVersion.objects.count() == 1


def test_rows_are_added_and_taken_away(admin: Client, version: LadderVersion) -> None:
    fields = {
        **untouched(admin, version),
        "levels-2-DELETE": "on",
        "levels-3-name": "SEV4",
        "levels-3-rank": "4",
        "levels-3-criteria": "A wish.",
        "levels-3-commander_rule": "nobody",
        "levels-3-owed-0-what": "postmortem",
        "levels-3-owed-0-within": "next business day",
        "levels-0-pages-1-group": "engineering manager",
        "levels-0-pages-1-policy": "engineering-manager",
        "levels-1-owed-1-DELETE": "on",
        "roles-3-slug": "comms",
        "roles-3-name": "Comms",
        "roles-3-kind": "comms",
        "head-holidays": "2026-12-25\n2026-12-26",
    }

    response = admin.post(address(version), {**fields, "_save": "Save"})

    assert response.status_code == 302
    second = newest()
    document = document_of(second)
    assert [level.name for level in document.levels] == ["SEV1", "SEV2", "SEV4"]
    assert [(page.group, page.policy) for page in document.levels[0].pages] == [
        ("primary", "service"),
        ("engineering manager", "engineering-manager"),
    ]
    assert [duty.what for duty in document.levels[1].owed] == ["status_update"]
    assert [(duty.what, duty.within, duty.by) for duty in document.levels[2].owed] == [
        ("postmortem", "next business day", "commander")
    ]
    assert [role.slug for role in document.roles] == ["commander", "deputy", "scribe", "comms"]
    assert [str(day) for day in document.calendar.holidays] == ["2026-12-25", "2026-12-26"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"levels-0-owed-0-within": "soon"}, "“soon” is not a target; write “5 min”"),
        ({"levels-0-rank": "first"}, "“first” is not a whole number."),
        ({"levels-0-rank": "2"}, "“2” is used by another entry as well; each must be different."),
        ({"levels-0-name": ""}, "Is missing."),
        ({"levels-0-watch_for": ""}, "Is missing."),
        ({"levels-0-channel": ""}, "Is missing: a thread needs the name of a standing channel."),
        ({"levels-0-commander_rule": "on_call"}, "Is missing: with the rule on_call, name the schedule."),
        ({"levels-0-owed-0-by": "butler"}, "“butler” is not a role of this ladder; its roles are commander, deputy"),
        ({"head-zone": "Berlin"}, "“Berlin” is not an IANA time zone; write it like Europe/Berlin."),
        ({"head-closes_at": "25:00"}, "“25:00” is not a time of day; write it like 17:00."),
        ({"head-holidays": "Christmas"}, "“Christmas” is not a day; write it like 2026-12-25."),
        ({"head-workdays": []}, "Needs at least one entry."),
        ({"head-name": ""}, "Is missing."),
        ({"roles-1-kind": "commander"}, "“commander” commands already; a ladder has one commander role at most."),
        ({"roles-1-kind": "emperor"}, "Select a valid choice. emperor is not one of the available choices."),
        ({"levels-0-criteria": "x" * 401}, "Is too long: at most 400 characters, these are 401."),
        ({"levels-0-pages-0-answers_needed": "0"}, "Must be 1 or more."),
        ({"levels-0-criteria": "a\x00b"}, "Null characters are not allowed."),
        ({"levels-3-criteria": "Half a level."}, "Is missing."),
    ],
)
def test_a_mistake_saves_nothing_and_stands_in_a_sentence_at_its_field(
    admin: Client, version: LadderVersion, typed: dict[str, Any], sentence: str
) -> None:
    fields = {**untouched(admin, version), **typed}

    response = admin.post(address(version), {**fields, "_save": "Save"})

    assert response.status_code == 200
    assert "Nothing was saved. Please correct what is marked below." in text_of(response)
    errors = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), flags=re.DOTALL)
    sentences = [html.unescape(text) for error in errors for text in re.findall(r"<li>(.*?)</li>", error)]
    assert any(text.startswith(sentence) for text in sentences), sentences
    assert LadderVersion.objects.count() == 1
    again = form_fields(response, "ladder_form")
    assert again["levels-1-criteria"] == fields["levels-1-criteria"]


def test_a_form_without_its_counts_saves_nothing(admin: Client, version: LadderVersion) -> None:
    response = admin.post(address(version), {"head-name": "Pager", "_save": "Save"})
    assert response.status_code == 200
    assert LadderVersion.objects.count() == 1


def test_whoever_was_slower_is_told_and_keeps_what_they_typed(admin: Client, version: LadderVersion) -> None:
    fields = {**untouched(admin, version), "levels-1-owed-0-within": "20 min"}
    apply_text(preset_text("pager").replace("within: 48 h", "within: 72 h"))

    response = admin.post(address(version), {**fields, "_save": "Save"})

    assert response.status_code == 200
    assert said(response) == ["Version 2 of Pager was made meanwhile. Look at it, then try again."]
    assert form_fields(response, "ladder_form")["levels-1-owed-0-within"] == ["20 min"]
    assert LadderVersion.objects.count() == 2
    assert "a postmortem is owed within 48 h, was 72 h." in text_of(response)

    admin.post(address(version), {**form_fields(response, "ladder_form"), "_save": "Save"})

    assert (newest().number, level_of(newest(), "SEV2").duties.get(kind="status_update").within) == (3, "20 min")


def test_the_mistakes_of_a_long_form_are_listed_at_its_top_and_lead_to_their_fields(
    admin: Client, version: LadderVersion
) -> None:
    fields = {**untouched(admin, version), "levels-2-respond_within": "soon"}

    page = admin.post(address(version), {**fields, "_save": "Save"}).content.decode()

    assert re.search(r'<li><a href="#id_levels-2-respond_within">SEV3, respond within</a>: “soon” is not', page)


def test_the_versions_are_listed_with_what_each_changed(admin: Client, version: LadderVersion) -> None:
    apply_text(preset_text("pager").replace("within: 48 h", "within: 72 h", 1))

    text = text_of(admin.get(reverse("admin:incidents_ladder_history", args=[version.ladder_id])))

    newer, older = text.index("2 (in force)"), text.index("The ladder “Pager” (pager) is new")
    assert newer < text.index("SEV1: a postmortem is owed within 72 h, was 48 h.") < older
    assert text.count("SEV1: a postmortem is owed within 72 h, was 48 h.") == 1


def test_a_version_is_downloaded_as_a_file_that_says_the_same(admin: Client, version: LadderVersion) -> None:
    apply_text(preset_text("pager").replace("within: 48 h", "within: 72 h", 1))

    response = admin.get(reverse("admin:incidents_ladder_file", args=[version.ladder_id, 1]))

    assert response["Content-Disposition"] == 'attachment; filename="pager-v1.yaml"'
    assert read_document(response.content) == read_preset("pager")


def test_a_preset_is_chosen_looked_over_and_applied(admin: Client, ana: User) -> None:
    planned = admin.post(ADD, {"preset": "pager", "_plan": "Show"})

    assert "The ladder “Pager” (pager) is new, with the levels SEV1, SEV2, SEV3." in text_of(planned)
    assert "There is no standing channel called “incidents” yet" in text_of(planned)
    assert Ladder.objects.count() == 0
    fields = form_fields(planned, "policy_form")
    assert fields["text"] == [preset_text("pager")]

    response = admin.post(ADD, {**fields, "_save": "Apply"})

    version = LadderVersion.objects.get()
    assert (response.status_code, response["Location"]) == (302, address(version))
    assert (version.created_by, version.ladder.is_default) == (ana, True)
    assert document_of(version) == read_preset("pager")


def test_an_uploaded_file_is_planned_against_what_is_in_force(admin: Client, version: LadderVersion) -> None:
    text = preset_text("pager").replace("within: 48 h", "within: 72 h", 1)
    response = admin.post(ADD, {"file": SimpleUploadedFile("mine.yaml", text.encode()), "_plan": "Show"})
    assert "SEV1: a postmortem is owed within 72 h, was 48 h." in text_of(response)

    admin.post(ADD, {**form_fields(response, "policy_form"), "_save": "Apply"})
    assert newest().number == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Choose a preset or a file, or write a policy below."),
        (
            {"text": "ladder: x\nname: y\nlevel: []\n"},
            "line 3, level: “level” is not known here; did you mean “levels”?",
        ),
        ({"file": SimpleUploadedFile("a.yaml", b"a: \xff")}, "line 1: The file is not UTF-8."),
        ({"file": SimpleUploadedFile("a.yaml", b"")}, "The submitted file is empty."),
        ({"preset": "nope"}, "Select a valid choice. nope is not one of the available choices."),
        ({"file": SimpleUploadedFile("a.yaml", b"x" * 200_001)}, "The file is longer than 200,000 characters"),
    ],
)
def test_a_wrong_file_is_refused_in_sentences_and_applies_nothing(
    admin: Client, typed: dict[str, Any], sentence: str
) -> None:
    for value in typed.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    response = admin.post(ADD, {**typed, "_save": "Apply"})
    assert response.status_code == 200
    assert sentence in text_of(response)
    assert Ladder.objects.count() == 0


def test_one_ladder_at_a_time_is_made_the_default(admin: Client, version: LadderVersion) -> None:
    other = apply_text(
        preset_text("pager").replace("ladder: pager", "ladder: other").replace("name: Pager", "name: Other")
    )
    both = [version.ladder_id, other.ladder_id]

    refused = admin.post(LIST, {"action": "make_default", "_selected_action": both})
    assert said(refused) == ["Choose one ladder: only one can be the default."]
    assert Ladder.objects.get(is_default=True) == version.ladder

    admin.post(LIST, {"action": "make_default", "_selected_action": [other.ladder_id]})
    assert Ladder.objects.get(is_default=True) == other.ladder


def test_the_page_of_a_ladder_says_which_one_declarations_offer_and_changes_it_by_one_press(
    admin: Client, version: LadderVersion
) -> None:
    other = apply_preset("platform")

    assert "A declaration offers this ladder." in text_of(admin.get(address(version)))
    page = admin.get(address(other))
    assert "A declaration offers Pager, not this one." in text_of(page)
    pressed = admin.post(LIST, form_fields(page, "default_form"))

    assert said(pressed) == ["A declaration offers Platform from now on."]
    assert Ladder.objects.get(is_default=True) == other.ladder


def test_the_page_of_a_ladder_says_what_it_names_and_nobody_has_set_up_and_leads_there(admin: Client) -> None:
    PolicyFactory(slug="platform-primary")
    version = apply_preset("pager")

    page = admin.get(address(version)).content.decode()

    unready = page.partition('id="unready"')[2].partition("</div>")[0]
    assert "There is no escalation policy called “engineering-manager” yet" in unready
    assert f'href="{reverse("admin:escalation_policy_add")}?slug=engineering-manager"' in unready
    assert f'href="{reverse("admin:comms_subscription_add")}?name=incidents"' in unready
    PolicyFactory(slug="engineering-manager")
    SubscriptionFactory(name="incidents")
    assert 'id="unready"' not in admin.get(address(version)).content.decode()


def test_a_plan_that_misses_many_things_says_so_in_a_sentence_for_each_kind(admin: Client) -> None:
    page = admin.post(ADD, {"preset": "response-teams", "_plan": "Show"})

    warned = re.findall(r"<strong>Not there yet.</strong> (.*?)</p>", page.content.decode())
    assert [line.partition(" called ")[0] for line in warned] == [
        "There are no escalation policies",
        "There are no schedules",
        "There are no standing channels",
    ]
    assert "“finance”, " in warned[0]
    assert f'<a href="{reverse("admin:escalation_policy_add")}?slug=finance">finance</a>' in page.content.decode()
    assert warned[0].endswith(" yet: what names them rings nobody, and the room will say so.")


@pytest.mark.parametrize("access", [AccessLevel.VIEWER, AccessLevel.RESPONDER])
def test_whoever_is_no_admin_gets_nowhere(client: Client, version: LadderVersion, access: AccessLevel) -> None:
    client.force_login(UserFactory(access=access))
    history = reverse("admin:incidents_ladder_history", args=[version.ladder_id])
    file = reverse("admin:incidents_ladder_file", args=[version.ladder_id, 1])

    for page in (LIST, ADD, address(version), history, file):
        response = client.get(page)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
        assert "SEV1" not in response.content.decode()
    client.post(address(version), {"head-name": "Mine", "_save": "Save"})
    client.post(ADD, {"text": preset_text("pager").replace("48 h", "1 h"), "_save": "Apply"})
    assert LadderVersion.objects.count() == 1


def test_an_address_of_no_ladder_is_not_found(admin: Client, version: LadderVersion) -> None:
    for page in ("999/change/", "abc/change/", "999/history/", f"{version.ladder_id}/version/9.yaml"):
        assert admin.get(LIST + page).status_code == 404


def test_a_ladder_is_never_deleted(admin: Client, version: LadderVersion) -> None:
    assert admin.post(f"{LIST}{version.ladder_id}/delete/", {"post": "yes"}).status_code == 403
    assert Ladder.objects.count() == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_saved_untouched_changes_nothing(admin: Client, chapter: str) -> None:
    version = apply_text(whole_policy())
    page = f"{address(version)}?part={chapter}"

    response = admin.post(page, {**form_fields(admin.get(page), "ladder_form"), "_save": "Save"})

    assert (response.status_code, response["Location"]) == (302, page)
    assert said(response)[0] == "Nothing was changed."
    assert LadderVersion.objects.count() == 1


@pytest.mark.parametrize("chapter", ["phases", "runbooks", "escalations", "postmortem"])
def test_the_longest_preset_saved_untouched_changes_nothing(admin: Client, chapter: str) -> None:
    page = f"{address(apply_preset('phases'))}?part={chapter}"

    response = admin.post(page, {**form_fields(admin.get(page), "ladder_form"), "_save": "Save"})

    assert said(response)[0] == "Nothing was changed."


def test_a_checklist_is_changed_ordered_and_grows_in_its_chapter(admin: Client) -> None:
    version = apply_text(whole_policy())
    page = f"{address(version)}?part=phases"
    fields = {
        **form_fields(admin.get(page), "ladder_form"),
        "phases-0-items-0-ORDER": "2",
        "phases-0-items-1-ORDER": "1",
        "phases-0-items-2-text": "Ask support",
        "phases-0-items-2-levels": "P0, P1",
        "phases-1-DELETE": "on",
    }

    response = admin.post(page, {**fields, "_save": "Save"})

    assert response.status_code == 302
    document = document_of(newest())
    assert [(phase.slug, [item.text for item in phase.items]) for phase in document.phases] == [
        ("triage", ["Errors are back at their baseline", "Check recent deployments", "Ask support"])
    ]
    assert document.phases[0].items[2].levels == ("P0", "P1")
    assert document.runbooks == read_document(whole_policy()).runbooks


def test_a_mistake_in_another_chapter_is_named_whole_at_the_top(admin: Client) -> None:
    version = apply_text(whole_policy())
    fields = {**untouched(admin, version), "roles-0-slug": "chief"}

    response = admin.post(address(version), {**fields, "_save": "Save"})

    assert response.status_code == 200
    assert "Phases[triage].items[Check recent deployments].role: “boss” is not a role of this ladder" in text_of(
        response
    )
    assert LadderVersion.objects.count() == 1


def test_an_unknown_chapter_leads_to_the_first(admin: Client, version: LadderVersion) -> None:
    response = admin.get(f"{address(version)}?part=nonsense")
    assert (response.status_code, response["Location"]) == (302, address(version))


def test_whoever_looks_for_a_severity_policy_is_led_to_the_ladders(admin: Client) -> None:
    shown = admin.get(reverse("admin:index")).content.decode()
    assert re.findall(r'is a <em>ladder</em>: <a href="([^"]*)"', shown) == [reverse("admin:incidents_ladder_add")]
