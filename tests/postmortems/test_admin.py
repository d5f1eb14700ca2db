"""The admin looks, and does not see what is private."""

import pytest
from django.urls import reverse

from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.postmortems import ActionItemFactory, PostmortemFactory, SectionFactory


@pytest.fixture
def admin_page(db, client):
    client.force_login(UserFactory(admin=True))
    return client


def test_an_admin_looks_and_changes_nothing(admin_page, draft):
    ActionItemFactory(postmortem=draft)
    assert "INC-20260418-0042" in admin_page.get(reverse("admin:postmortems_postmortem_changelist")).content.decode()
    page = reverse("admin:postmortems_postmortem_change", args=[draft.pk])

    assert admin_page.get(page).status_code == 200
    assert admin_page.post(page, {"status": "published"}).status_code == 403
    assert admin_page.get(reverse("admin:postmortems_postmortem_add")).status_code == 403
    assert admin_page.post(reverse("admin:postmortems_postmortem_delete", args=[draft.pk])).status_code == 403


def test_being_an_admin_opens_nothing_private(admin_page):
    private = PostmortemFactory(incident=IncidentFactory(closed=True, summary="Breach", private_to=[UserFactory()]))
    SectionFactory(postmortem=private, body="The secret")

    assert "Breach" not in admin_page.get(reverse("admin:postmortems_postmortem_changelist")).content.decode()
    answer = admin_page.get(reverse("admin:postmortems_postmortem_change", args=[private.pk]), follow=True)
    assert "The secret" not in answer.content.decode()
