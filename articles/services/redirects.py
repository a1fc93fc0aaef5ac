"""Redirects from the previous URLs of what can be renamed."""

from django.db import transaction
from django.urls import reverse

from articles.models import Article, Author, Dossier, Page, Redirect, Section, Series, Topic
from articles.models.redirects import ARCHIVE, TARGETS

Target = Article | Dossier | Page | Author | Section | Series | Topic


@transaction.atomic
def add_redirect(*, item: Target, old_slug: str) -> None:
    """Redirect the URL with `old_slug`, if any, to the current URL of `item`. A URL in use again stops redirecting."""
    name = str(item._meta.model_name)
    Redirect.objects.filter(path=Redirect.normalise(item.get_absolute_url()), query="").delete()
    if old_slug and old_slug != item.slug:
        path = Redirect.normalise(reverse(f"articles:{name}", args=[old_slug]))
        Redirect.objects.update_or_create(
            path=path, query="", defaults=dict.fromkeys(TARGETS) | {ARCHIVE: False, name: item}
        )


def slug_changed(*, item: Article | Dossier | Page, old_slug: str) -> None:
    """Add a redirect if the slug did change and readers know the old URL."""
    if item.slug != old_slug and item.url_is_public:
        add_redirect(item=item, old_slug=old_slug)
