"""Invalidation: every change to what anonymous visitors see invalidates its tags when it is committed."""

from collections.abc import Callable, Iterable
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
    ErrorReport,
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
from comments.models import Comment, Suspension, Thread
from subscriptions.models import Grant, Plan, Price, Tier, User
from truthlytics.cache import purges, remote_invalidation
from truthlytics.crawlers.models import SignedAgent
from truthlytics.publication.contract_settings import ContractSettings
from truthlytics.publication.models import Publication
from truthlytics.publication.proxies import CrawlerSettings, EmailSettings, PaymentSettings
from truthlytics.publication.tax_rates import TaxRate, TaxSettings
from truthlytics.transparency.models import (
    Checkpoint,
    Cosignature,
    Log,
    LogKey,
    Quorum,
    Refusal,
    Timestamp,
    Witness,
    WitnessedLog,
)
from truthlytics.web.fragments import EVERY_PAGE
from truthlytics.web.generations import Generations

# Columns of a user that no page shows.
PRIVATE_COLUMNS = {"last_login", "password", "verified_at"}


@cache
def site_generations() -> Generations:
    """Return the generations that all workers of this machine share."""
    return Generations(settings.PAGE_CACHE_FILE)


def invalidate(*tags: str) -> None:
    """Invalidate `tags` in all workers once the current transaction is committed, and within a second elsewhere."""
    generations = site_generations()
    if settings.PAGE_CACHE_MACHINES:
        remote_invalidation.publish(tags, machine=generations.machine())
    if settings.CDN:
        purges.announce(tags)
    transaction.on_commit(partial(generations.bump, tags))


def article_tags(article_id: int) -> tuple[str, ...]:
    """The tags of an article's own page, of lists, and of the pages that show its headline."""
    return (f"article:{article_id}", f"teaser:{article_id}", "listing", "articles-clock")


def list_tags(*article_ids: int) -> tuple[str, ...]:
    """The tags of the series, topics and sections of articles, from which related articles are chosen."""
    entries: dict[str, Any] = {"series": SeriesEntry, "topic": TopicEntry, "section": SectionEntry}
    return tuple(
        f"{kind}:{slug}"
        for kind, model in entries.items()
        for slug in model.objects.filter(article__in=article_ids).values_list(f"{kind}__slug", flat=True).distinct()
    )


def author_tags(author: Author) -> tuple[str, ...]:
    """Comments by the user of an author have a badge. The second tag covers a user who no longer is that author."""
    badges = (f"user:{author.user_id}",) if author.user_id else ()
    return ("listing", f"author:{author.pk}", *badges)


def page_tags(page: Page) -> tuple[str, ...]:
    """The structured data of every article has the URLs of policy pages, and of no others."""
    policies = ("policies",) if page.purpose or page.loaded_purpose else ()
    return ("pages", "clock", *policies)


def error_report_tags(report: ErrorReport) -> tuple[str, ...]:
    """Anyone can report an error, so the front page changes only when a report is closed."""
    return ("error-reports",) if report.is_waiting else ("error-reports", "record")


TAGS: dict[type[models.Model], Callable[[Any], tuple[str, ...]]] = {
    Publication: lambda publication: (EVERY_PAGE,),
    ContractSettings: lambda publication: (EVERY_PAGE,),
    TaxSettings: lambda publication: (EVERY_PAGE,),
    PaymentSettings: lambda publication: (EVERY_PAGE,),
    EmailSettings: lambda publication: (EVERY_PAGE,),
    CrawlerSettings: lambda publication: (EVERY_PAGE,),
    # The web processes read the known keys again when they read the publication.
    SignedAgent: lambda agent: (EVERY_PAGE,),
    TaxRate: lambda rate: (EVERY_PAGE,),
    Article: lambda article: (*article_tags(article.pk), f"translations:{article.translation_group}"),
    Version: lambda version: article_tags(version.article_id),
    Redirect: lambda redirect: article_tags(redirect.article_id) if redirect.article_id else ("pages", "dossiers"),
    Page: page_tags,
    PageVersion: lambda version: page_tags(version.page),
    Section: lambda section: ("sections", "listing"),
    Series: lambda series: ("listing", f"series:{series.slug}"),
    SeriesEntry: lambda entry: (f"series:{entry.series.slug}",),
    # A merged topic has the name of the other one from then on, wherever either is shown.
    Topic: lambda topic: ("listing", "topics", f"topic:{topic.slug}", f"topic:{topic.survivor.slug}"),
    MenuEdition: lambda edition: ("menus",),
    Author: author_tags,
    Image: lambda image: ("pictures",),
    Rendition: lambda rendition: ("pictures",),
    HomepageEdition: lambda edition: ("front", "clock"),
    ErrorReport: error_report_tags,
    Dossier: lambda dossier: ("dossiers", "clock"),
    DossierVersion: lambda version: ("dossiers", "clock"),
    # Not the article: a new comment changes only the thread under it.
    Comment: lambda comment: (f"thread:{comment.article_id}", "comments"),
    Thread: lambda thread: (f"thread:{thread.article_id}", "comments", "clock"),
    # Whether a logged-in reader sees the form.
    Suspension: lambda suspension: ("suspensions",),
    # The tree grows, and its state is signed, by witnesses too.
    Log: lambda log: ("transparency",),
    LogKey: lambda key: ("transparency",),
    Checkpoint: lambda checkpoint: ("transparency",),
    Witness: lambda witness: ("transparency",),
    Cosignature: lambda cosignature: ("transparency",),
    Quorum: lambda quorum: ("transparency",),
    Timestamp: lambda timestamp: ("transparency",),
    WitnessedLog: lambda log: ("transparency",),
    Refusal: lambda refusal: ("transparency",),
    Tier: lambda tier: ("plans",),
    Plan: lambda plan: ("plans",),
    Price: lambda price: ("plans",),
    # Only the pages with comments by this user.
    User: lambda user: (f"user:{user.pk}",),
    # Supporters have a badge.
    Grant: lambda grant: (f"user:{grant.user_id}",),
}


def connect_signals() -> None:
    """Invalidate the tags of each model in `TAGS` when a row is saved or deleted."""
    for model in TAGS:
        post_save.connect(_saved, sender=model, dispatch_uid=f"invalidate saved {model.__name__}")
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"invalidate deleted {model.__name__}")


def _saved(
    sender: type[models.Model],
    instance: models.Model,
    created: bool,
    update_fields: Iterable[str] | None,
    **kwargs: Any,
) -> None:
    # New users are on no page yet, and every login saves a user.
    if sender is User and (created or (update_fields and set(update_fields) <= PRIVATE_COLUMNS)):
        return
    invalidate(*TAGS[sender](instance))


def _deleted(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    invalidate(*TAGS[sender](instance))
