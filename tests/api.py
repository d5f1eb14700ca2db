"""A machine that speaks to the API with a key."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.test import Client

from accounts.actions.token import create_token
from accounts.actor import MUSTER
from accounts.models import User
from tests.factories import NOW

ROOT = "/api/v1"


class Machine:
    """Asks as `user` within `scope`; every answer is JSON."""

    def __init__(self, user: User, scope: str = "respond", *, now: datetime = NOW) -> None:
        _, self.key = create_token(user, by=MUSTER, now=now, scope=scope)
        self.client = Client()

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        """Status and JSON."""
        answer = self.client.get(ROOT + path, query, headers={"Authorization": f"Bearer {self.key}"})
        return answer.status_code, answer.json()

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON."""
        answer = self.client.post(
            ROOT + path, body, content_type="application/json", headers={"Authorization": f"Bearer {self.key}"}
        )
        return answer.status_code, answer.json()

    def send(self, path: str, file: UploadedFile) -> tuple[int, Any]:
        """Status and JSON, for a file in a form."""
        answer = self.client.post(ROOT + path, {"file": file}, headers={"Authorization": f"Bearer {self.key}"})
        return answer.status_code, answer.json()
