"""Purging: whatever changes what a stranger sees says so here, once it is committed."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

from articles.models import (
    Article,
    Author,
    Dossier,
    DossierVersion,
    HomepageEdition,
    Image,
    MenuEdition,
    Page,
    PageVersion,
    Redirect,
    Rendition,
    Section,
    SectionEntry,
    Series,
    SeriesEntry,
    Topic,
    TopicEntry,
    Version,
)
from comments.models import Comment, Thread
from subscriptions.models import Plan, Price, Tier, User
from truthlytics.cache import remote_invalidation
from truthlytics.web.generations import Generations

# What a reader's row holds that no page shows.
UNSEEN = {"last_login", "password", "verified_at"}


@cache
def site_generations() -> Generations:
    """The one file of this machine."""
    return Generations(settings.PAGE_CACHE_FILE)


def changed(*tags: str) -> None:
    """Pages with one of `tags` are made anew, in every worker, once this transaction is committed.

    On other machines within a second, in the same transaction: what is rolled back is said to nobody.
    """
    known = site_generations()
    if settings.PAGE_CACHE_MACHINES:
        remote_invalidation.tell(tags, machine=known.machine())
    transaction.on_commit(partial(known.bump, tags))


def of_article(article_id: int) -> tuple[str, ...]:
    """Its own page, the lists it stands in, and the pages that name it beside their own text."""
    return (f"article:{article_id}", f"teaser:{article_id}", "listing", "clock")


def of_places(article_id: int) -> tuple[str, ...]:
    """The lists from which others choose what stands around their text, where this article is in them."""
    kinds: dict[str, Any] = {"series": SeriesEntry, "topic": TopicEntry, "section": SectionEntry}
    return tuple(
        f"{kind}:{slug}"
        for kind, entries in kinds.items()
        for slug in entries.objects.filter(article=article_id).values_list(f"{kind}__slug", flat=True)
    )


TAGS: dict[type[models.Model], Callable[[Any], tuple[str, ...]]] = {
    Article: lambda article: of_article(article.pk),
    Version: lambda version: of_article(version.article_id),
    Redirect: lambda old: of_article(old.article_id) if old.article_id else ("pages",),
    Page: lambda page: ("pages", "clock"),
    PageVersion: lambda version: ("pages", "clock"),
    Section: lambda section: ("sections", "listing"),
    Series: lambda series: ("listing", f"series:{series.slug}"),
    SeriesEntry: lambda entry: (f"series:{entry.series.slug}",),
    # What was merged is named by the other from then on, where it stood and where that stands.
    Topic: lambda topic: ("listing", "topics", f"topic:{topic.slug}", f"topic:{topic.survivor.slug}"),
    MenuEdition: lambda edition: ("menus",),
    # A badge in the thread says who is an author.
    Author: lambda author: ("listing", "people"),
    Image: lambda image: ("pictures",),
    Rendition: lambda rendition: ("pictures",),
    HomepageEdition: lambda edition: ("front", "clock"),
    Dossier: lambda dossier: ("dossiers", "clock"),
    DossierVersion: lambda version: ("dossiers", "clock"),
    # Not the piece itself: a comment more leaves all but the thread under it as it was.
    Comment: lambda comment: (f"thread:{comment.article_id}", "comments"),
    Thread: lambda thread: (f"thread:{thread.article_id}", "comments", "clock"),
    Tier: lambda tier: ("plans",),
    Plan: lambda plan: ("plans",),
    Price: lambda price: ("plans",),
    User: lambda user: ("people",),
}


def follow() -> None:
    """Follow every kind of row of which a page for strangers is made."""
    for model in TAGS:
        post_save.connect(_saved, sender=model, dispatch_uid=f"page {model.__name__}")
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"no page {model.__name__}")


def _saved(sender: type[models.Model], instance: Any, created: bool, update_fields: Any, **kwargs: Any) -> None:
    # A new reader stands on no page yet, and somebody logs in all the time.
    if sender is User and (created or (update_fields and set(update_fields) <= UNSEEN)):
        return
    changed(*TAGS[sender](instance))


def _deleted(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    changed(*TAGS[sender](instance))
