"""Words of the accounts app."""

from django.db.models import TextChoices


class AccessLevel(TextChoices):
    """What a person may do. Everybody who is signed in may declare and answer their own page."""

    VIEWER = "viewer", "Viewer: reads, declares, answers own pages"
    RESPONDER = "responder", "Responder: does everything in an incident"
    ADMIN = "admin", "Admin: configures as well"


class Via(TextChoices):
    """The way an actor came."""

    WEB = "web", "web"
    LINK = "link", "signed link"
    SMS = "sms", "SMS"
    PHONE = "phone", "phone"
    EMAIL = "email", "email"
    CHAT = "chat", "chat"
    API = "api", "API"
    COMMAND = "command", "command line"
    MUSTER = "muster", "Muster"


class TokenScope(TextChoices):
    """What a token may do, never more than its owner may."""

    READ = "read", "Read"
    RESPOND = "respond", "Read, declare and act in incidents"
    CONFIGURE = "configure", "Everything, configuration included"
