"""User accounts of readers, subscribers and staff. The email address is the login."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscriptions.display_names import NAME_LENGTH
from truthlytics.web.lookalikes import skeleton


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Create an account. Without a password, the user logs in with a code sent by email."""
        if not email:
            raise ValueError("Users must have an email address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(
        _("email address"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("There’s already an account with this address.")},
    )
    display_name = models.CharField(
        max_length=NAME_LENGTH, help_text=_("Shown on the user’s comments. Never derived from the email address.")
    )
    # The name as it looks, so that imitations of a name are found by an index.
    name_key = models.CharField(max_length=2 * NAME_LENGTH, blank=True, editable=False, db_index=True)
    is_staff = models.BooleanField(_("newsroom access"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    member_since = models.DateTimeField(default=timezone.now, editable=False)
    # Set when the email address is confirmed, cleared when it changes.
    verified_at = models.DateTimeField(_("email confirmed"), null=True, blank=True, editable=False)
    # The one last chosen there, for emails to the newsroom; "" for the publication's.
    newsroom_language = models.CharField(max_length=8, blank=True, default="", db_default="", editable=False)

    # An account that its reader deleted: nameless, without an address, kept because orders refer to it.
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        permissions = [("give_role", _("Can assign newsroom roles"))]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_per_email",
                violation_error_message=_("There’s already an account with this address."),
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the key of the display name."""
        self.name_key = skeleton(self.display_name)[: 2 * NAME_LENGTH]
        if (fields := kwargs.get("update_fields")) is not None and "display_name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.display_name or f"Reader {self.pk}"

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name
