"""The numbers of all parts of a series, changed in one step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, ChangeKind, Series
from articles.services import change_kinds, publishing, revisions, scheduling
from articles.services.publishing import NotReadyError
from truthlytics.web.users import User

# Above all numbers that can be entered. Parts are moved there first, because no two may have the same number.
PARKED = 20_000


class SeriesOrderError(Exception):
    """The numbers cannot be set. The message is a sentence for the user."""


class SeriesOrderConflict(SeriesOrderError):
    """A part was added, removed or renumbered in the meantime."""


@dataclass(slots=True)
class Renumbered:
    """The articles with a new number.

    Some were `published` with it. The version that is `scheduled` has it too. Those `waiting` still show readers
    their old number.
    """

    articles: list[Article] = field(default_factory=list)
    published: list[Article] = field(default_factory=list)
    scheduled: list[Article] = field(default_factory=list)
    waiting: list[Article] = field(default_factory=list)


@transaction.atomic
def number_parts(*, series: Series, numbers: Mapping[int, int], seen: Mapping[int, int], by: User) -> Renumbered:
    """Give the drafts of `series` these `numbers`, by primary key. `seen` are the numbers that the user started from.

    Articles that readers see without other unpublished changes are published as minor edits, so that readers never
    find two parts with one number. Scheduled versions get the new number and keep their time, so that they do not undo
    the order when they appear. Raises SeriesOrderError or SeriesOrderConflict.
    """
    Series.objects.select_for_update().get(pk=series.pk)
    parts = {article.pk: article for article in series.articles.select_for_update().order_by("pk")}
    if {pk: article.series_part for pk, article in parts.items()} != dict(seen) or numbers.keys() != parts.keys():
        raise SeriesOrderConflict(
            _("Another user changed the parts of this series in the meantime. These are the current numbers.")
        )
    if len(set(numbers.values())) < len(numbers):
        raise SeriesOrderError(_("Give each part a number of its own."))
    changed = [article for pk, article in parts.items() if article.series_part != numbers[pk]]
    publishable = [article for article in changed if _is_published_as_it_is(article)]
    result = Renumbered(articles=changed)
    for index, article in enumerate(changed):
        revisions.ensure_revision(item=article)
        Article.objects.filter(pk=article.pk).update(series_part=PARKED + index)
    for article in changed:
        Article.objects.filter(pk=article.pk).update(series_part=numbers[article.pk], updated_at=timezone.now())
        article.refresh_from_db()
        revisions.save_revision(item=article, by=by)
    for article in changed:
        if article in publishable and _publish(article, by):
            result.published.append(article)
            continue
        if scheduling.set_scheduled_part(article=article, series=series, part=numbers[article.pk], by=by):
            result.scheduled.append(article)
        if article.served_version() is not None:
            result.waiting.append(article)
    return result


def _is_published_as_it_is(article: Article) -> bool:
    """Return whether readers have the draft as it is, and no other version is scheduled."""
    served = article.served_version()
    return served is not None and article.state() == "published" and not publishing.differs(article, served)


def _publish(article: Article, by: User) -> bool:
    """Publish the new number; False if the checks keep the article from being published."""
    kind = ChangeKind.MINOR if change_kinds.proposed_kind(article) else ""
    try:
        publishing.publish(item=article, by=by, kind=kind)
    except NotReadyError:
        return False
    return True
