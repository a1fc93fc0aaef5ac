"""Signal handlers and checks that connect apps which do not import each other."""

from collections.abc import Collection, Sequence

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, register
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from articles.access import Level
from articles.models import Article, Author, Version
from articles.signals import first_versions_published, version_published
from comments.models import Thread
from comments.services import refresh_quotes
from comments.signals import collect_supporters, votes_counted
from subscriptions.models.catalog import TierLevel
from subscriptions.services.access import supporters_among
from subscriptions.services.names import collect_protected_names
from truthlytics.cache import invalidation
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event
from truthlytics.publication import get_publication
from truthlytics.web.users import User

# Words that a publication's name may begin with, without which it is still recognised.
LEADING_ARTICLES = {"the", "der", "die", "das", "le", "la", "les", "el", "il"}

invalidation.connect_signals()


@receiver(version_published)
def compare_quotes(article: Article, **kwargs: object) -> None:
    """Compare the passages that comments quote with the new text. Runs before the pages are purged."""
    refresh_quotes(article=article)


@receiver(version_published)
def purge_published(article: Article, **kwargs: object) -> None:
    """Purge the article's pages. Also sent when a queryset update, which sends no `post_save`, hides or shows it."""
    invalidation.invalidate(*invalidation.article_tags(article.pk), *invalidation.list_tags(article.pk))


@receiver(version_published)
def close_comments(article: Article, version: Version | None = None, **kwargs: object) -> None:
    """Close the comments of a new article at once if the publication opens them only by hand."""
    if version is not None and version.number == 1 and not get_publication().comments_open:
        Thread.objects.get_or_create(article=article, defaults={"closes_at": version.public_from})


@receiver(first_versions_published)
def purge_first_versions(versions: Sequence[Version], **kwargs: object) -> None:
    """Purge the pages of many new articles at once. No reader has quoted them yet."""
    articles = [version.article_id for version in versions]
    tags = {tag for pk in articles for tag in invalidation.article_tags(pk)}
    invalidation.invalidate(*sorted(tags), *invalidation.list_tags(*articles))
    if not get_publication().comments_open:
        for version in versions:
            close_comments(version.article, version)


@receiver(collect_supporters)
def supporters(user_ids: Collection[int], **kwargs: object) -> set[int]:
    return supporters_among(user_ids, timezone.now())


@receiver(votes_counted)
def purge_threads(article_ids: set[int], **kwargs: object) -> None:
    invalidation.invalidate(*(f"thread:{pk}" for pk in article_ids))


@receiver(collect_protected_names)
def protected_names(**kwargs: object) -> list[tuple[str, int | None]]:
    """The names of the publication and of its authors, with the id of the author's own account."""
    name = get_publication().name
    without_article = name.partition(" ")[2] if name.partition(" ")[0].lower() in LEADING_ARTICLES else name
    return [(name, None), (without_article, None), *Author.objects.values_list("name", "user")]


@receiver(post_save, sender=get_user_model())
def tell_about_new_account(instance: User, created: bool, raw: bool, **kwargs: object) -> None:
    if created and not raw:
        add_events(new_event(Kind.READER_CREATED, key=str(instance.pk), reader=instance.pk))


@register()
def check_tier_levels(**kwargs: object) -> list[CheckMessage]:
    """Every tier's level must be one that articles can require."""
    unknown = sorted(set(TierLevel.values) - set(Level.values))
    if not unknown:
        return []
    hint = "Use the same values in articles.access.Level and subscriptions.models.catalog.TierLevel."
    return [Error(f"No article can require the tier level {unknown[0]}.", hint=hint, id="truthlytics.E002")]
