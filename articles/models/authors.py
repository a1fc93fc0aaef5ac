"""Authors have a public page, and a user account only if they write in the newsroom themselves."""

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.profile_links import ProfileLink, is_valid_link, parse_links, validate_links


def distinct_labels(authors: Iterable[tuple[int, str, str, str]]) -> dict[int, str]:
    """Return a label for each of (primary key, name, role, slug), in their order.

    Authors of the same name are distinguished by their roles, or by their slugs if these are the same or missing.
    """
    rows = list(authors)
    names = Counter(name.casefold() for _pk, name, _role, _slug in rows)
    roles = Counter((name.casefold(), role.casefold()) for _pk, name, role, _slug in rows)
    return {
        pk: name
        if names[name.casefold()] == 1
        else f"{name} ({role if role and roles[name.casefold(), role.casefold()] == 1 else slug})"
        for pk, name, role, slug in rows
    }


class AuthorQuerySet(models.QuerySet["Author"]):
    def labels(self) -> dict[int, str]:
        """Return the names by primary key, with the role or slug where two authors have the same name."""
        return distinct_labels(self.values_list("pk", "name", "role", "slug"))

    def with_portrait(self) -> Self:
        return self.select_related("portrait").prefetch_related("portrait__renditions")


class Author(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    role = models.CharField(max_length=120, blank=True, help_text=_("One line, such as “Climate editor”."))
    bio = models.TextField(blank=True, max_length=2000)
    expertise = models.CharField(max_length=300, blank=True, help_text=_("Topics of expertise, separated by commas."))
    links = models.TextField(
        blank=True,
        max_length=3000,
        validators=[validate_links],
        help_text=_("One link per line: a name and a URL, such as “Mastodon https://example.org/@ines”."),
    )
    portrait = models.ForeignKey("articles.Image", models.SET_NULL, null=True, blank=True, related_name="portrait_of")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="author",
        help_text=_("Their user account, if any. It gives them access to their own drafts."),
    )

    objects = AuthorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:author", args=[self.slug])

    @property
    def fields_of_expertise(self) -> list[str]:
        return [field.strip() for field in self.expertise.split(",") if field.strip()]

    @property
    def profile_links(self) -> list[ProfileLink]:
        """The valid links. Rows may have been written without the form."""
        return [link for link in parse_links(self.links) if is_valid_link(link)]
