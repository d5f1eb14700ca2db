"""Sessions in the database, read by a query that is prepared once: every request asks it."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from core.prepared import Given, Prepared

SESSION = Prepared(
    lambda: Session.objects.filter(
        session_key=Given("key", CharField(max_length=40)), expire_date__gt=Given("now", DateTimeField())
    )
)


class SessionStore(DatabaseSessions):
    """As Django's own."""

    def _get_session_from_db(self) -> Session | None:
        found = SESSION.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
