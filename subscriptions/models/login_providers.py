"""What the newsroom has decided about the providers that people can log in with."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from subscriptions.models.users import User
from truthlytics.web.types import JsonObject


def configured_apps() -> list[JsonObject]:
    """Return the providers in the environment, as allauth's settings describe them."""
    apps: list[JsonObject] = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return apps


def is_any_configured() -> bool:
    return bool(configured_apps())


class LoginProviderQuerySet(models.QuerySet["LoginProvider"]):
    def configured(self) -> "list[LoginProvider]":
        """Return all providers in the environment; those without a row are as if nothing had been changed."""
        slugs = [app["provider_id"] for app in configured_apps()]
        rows = {row.slug: row for row in self.filter(slug__in=slugs)} if slugs else {}
        return [rows.get(slug) or LoginProvider(slug=slug) for slug in slugs]

    def offered(self) -> "list[LoginProvider]":
        return [provider for provider in self.configured() if provider.is_on]

    def offered_as(self, slug: str) -> "LoginProvider | None":
        return next((provider for provider in self.offered() if provider.slug == slug), None)

    def name_of(self, slug: str) -> str:
        return str(self.filter(slug=slug).first() or LoginProvider(slug=slug)) or slug

    def required_for(self, user: User) -> "list[LoginProvider]":
        """Return the providers of which `user` must use one, because of a role. Superusers hold all roles."""
        slugs = [app["provider_id"] for app in configured_apps()]
        if not slugs or not user.is_staff:
            return []
        required = self.filter(slug__in=slugs, is_on=True, roles__isnull=False)
        if not user.is_superuser:
            required = required.filter(roles__in=user.groups.all())
        return list(required.distinct().order_by("slug"))


class LoginProvider(models.Model):
    """A provider by the name that it has in the addresses of this site. Keys and secrets are in the environment."""

    slug = models.CharField(max_length=20, unique=True, editable=False)
    label = models.CharField(
        _("name"), max_length=40, blank=True, help_text=_("For the button. Leave blank to use the usual name.")
    )
    is_on = models.BooleanField(_("people can log in with it"), default=True)
    domains = models.TextField(
        _("email domains of your organisation"),
        max_length=2000,
        blank=True,
        help_text=_(
            "One per line, such as example.org. Enter only domains whose addresses this provider gives out "
            "itself: an address there opens the account that has it, without another proof."
        ),
    )
    roles = models.ManyToManyField(
        Group,
        blank=True,
        verbose_name=_("roles that must log in with it"),
        related_name="+",
        help_text=_("With an address in one of these domains. All other ways to log in are closed to them."),
    )

    objects = LoginProviderQuerySet.as_manager()

    def __str__(self) -> str:
        return self.label or next((app["name"] for app in configured_apps() if app["provider_id"] == self.slug), "")

    def is_own_address(self, email: str) -> bool:
        """Return whether `email` is in one of the domains of the organisation."""
        return email.rpartition("@")[2].lower() in self.domains.split()
