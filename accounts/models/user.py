"""A person: their handle, their zone, their number, and what they may do."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from accounts.enums import AccessLevel

HANDLE = RegexValidator(
    r"^[a-z][a-z0-9._-]{0,39}\Z", "A handle begins with a letter and has only a-z, 0-9, dot, dash and underscore."
)
PHONE = RegexValidator(r"^\+[1-9]\d{6,14}\Z", "Write the number with its country, like +491701234567.")


def validate_zone(value: str) -> None:
    """Refuse a zone that the IANA database does not know."""
    if value not in available_timezones():
        raise ValidationError(f"“{value}” is not an IANA time zone; write it like Europe/Berlin.")


class UserManager(BaseUserManager["User"]):
    """Makes people for Django's own commands; everything else calls accounts.actions.user."""

    def create_user(self, handle: str, password: str | None = None, **fields: Any) -> "User":
        """A person who may sign in with `password`, or not yet when it is None."""
        user = self.model(handle=handle, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, handle: str, password: str | None = None, **fields: Any) -> "User":
        """An admin, for `manage.py createsuperuser`."""
        return self.create_user(handle, password, **{"access": AccessLevel.ADMIN, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Handles are told apart without regard to case."""
        return self.get(handle=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Never deleted, only deactivated: the record names them."""

    handle = models.CharField(max_length=40, unique=True, validators=[HANDLE], help_text="As in @ana; lower case.")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=16, blank=True, validators=[PHONE], help_text="Like +491701234567.")
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[validate_zone], help_text="An IANA name, like Europe/Berlin."
    )
    access = models.CharField(max_length=12, choices=AccessLevel.choices, default=AccessLevel.RESPONDER)
    is_active = models.BooleanField(default=True)
    single_keys = models.BooleanField(default=True, help_text="Single keys act in the room (`?` lists them).")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["handle"]
        constraints = [
            models.CheckConstraint(condition=models.Q(access__in=AccessLevel.values), name="user_access_known"),
            models.UniqueConstraint(
                fields=["email"], condition=~models.Q(email=""), name="user_email_once_unless_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def zone(self) -> ZoneInfo:
        """Where this person's clock hangs."""
        return ZoneInfo(self.time_zone)

    @property
    def is_staff(self) -> bool:
        """Django's word for who may enter the admin."""
        return self.access == AccessLevel.ADMIN

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's question, asked by its admin: an active admin may, nobody else; groups are not used."""
        return self.is_active and self.access == AccessLevel.ADMIN

    def has_module_perms(self, app_label: str) -> bool:
        """The same for a whole app."""
        return self.has_perm("")

    def get_short_name(self) -> str:
        """What a sentence calls them."""
        return self.name or self.handle
