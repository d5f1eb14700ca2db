"""What is far too large is refused whole, whoever sends it; a file within reach goes on to its form."""

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("size", "status"), [(4 * 1024 * 1024, 400), (2 * 1024 * 1024, 200)])
def test_a_request_of_more_than_four_times_the_largest_file_is_refused(settings, caplog, size, status):
    caplog.set_level(logging.CRITICAL, logger="django")
    settings.ATTACHMENT_MB = 1

    answer = Client(enforce_csrf_checks=False).post(
        reverse("account_login"), {"file": SimpleUploadedFile("big.log", b"x" * size)}
    )

    assert answer.status_code == status
