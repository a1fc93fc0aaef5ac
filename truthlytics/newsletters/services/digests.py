"""Digests: which articles they have, and those that are made by schedule."""

from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from articles.models import Article, Section, Version
from truthlytics.newsletters.models import Issue, IssueArticle, Newsletter
from truthlytics.newsletters.models.issues import MAX_PREVIEW_LENGTH, MAX_SUBJECT_LENGTH
from truthlytics.newsletters.services.decisions import add_articles, schedule

# A digest that is made later than this, because `tick` did not run, is left out. The next one has its articles.
CATCH_UP = timedelta(days=1)
# What the first digest of a newsletter without a schedule looks back on.
FIRST_SPAN = timedelta(days=7)
MAX_ARTICLES = 50


def create_due(now: datetime) -> int:
    """Make the digests that are due, each once, and schedule those that need no approval. Returns how many."""
    return sum(_create(newsletter, now) for newsletter in Newsletter.objects.exclude(schedule=""))


def _create(newsletter: Newsletter, now: datetime) -> bool:
    day, at = latest_occurrence(newsletter, now)
    if at < now - CATCH_UP or at < newsletter.scheduled_since:
        return False
    if Issue.objects.filter(newsletter=newsletter, digest_day=day).exists():
        return False
    articles = new_articles(newsletter, now, until=at)
    if not articles:
        return False
    try:
        with transaction.atomic():
            issue = make_digest(newsletter, articles, until=at, day=day, now=now)
            if newsletter.needs_approval:
                Issue.objects.filter(pk=issue.pk).update(state=Issue.State.WAITING)
            else:
                schedule(issue=issue, at=now, by=None)
    except IntegrityError:
        # Another process has made it, or an editor has just used one of the articles: the next `tick` looks again.
        return False
    return True


def latest_occurrence(newsletter: Newsletter, now: datetime) -> tuple[date, datetime]:
    """Return the local day and the UTC time at which the last digest of a scheduled newsletter was due.

    A time that the clocks skip counts as later by the skipped hour; of one that occurs twice, the first counts.
    """
    clock = newsletter.time or time()
    day = timezone.localdate(now)
    while True:
        if newsletter.schedule == Newsletter.Schedule.DAILY or day.weekday() == newsletter.weekday:
            local = datetime.combine(day, clock, tzinfo=timezone.get_current_timezone())
            # In UTC, because Python compares times of one zone by the clock.
            at = local.astimezone(now.tzinfo)
            if at <= now:
                return day, at
        day -= timedelta(days=1)


def new_articles(
    newsletter: Newsletter, now: datetime, *, until: datetime, besides: Issue | None = None
) -> list[Article]:
    """Return what appeared between the last digest of `newsletter` and `until`, by section, the newest first.

    The last digest is another one than `besides`.
    Articles that the newsletter has sent, or is about to send, are left out.
    """
    used = IssueArticle.objects.filter(newsletter=newsletter, article=OuterRef("pk"))
    new = Article.objects.published(now).filter(~Exists(used), published_at__gt=_since(newsletter, until, besides))
    articles = list(new.filter(published_at__lte=until).with_versions().order_by("-published_at", "-pk"))
    wanted = set(newsletter.sections.values_list("pk", flat=True))
    places = {
        pk: place for place, pk in enumerate(Section.objects.order_by("position", "name").values_list("pk", flat=True))
    }
    found = [(_section_of(article, now), article) for article in articles]
    in_sections = [(section, article) for section, article in found if not wanted or section in wanted]
    # Sorting keeps the order by time within a section.
    in_sections.sort(key=lambda pair: places.get(pair[0] or 0, len(places)))
    return [article for _section, article in in_sections[:MAX_ARTICLES]]


def _section_of(article: Article, now: datetime) -> int | None:
    version: Version = article.served(now)
    return version.section_id


def _since(newsletter: Newsletter, until: datetime, besides: Issue | None) -> datetime:
    digests = newsletter.issues.exclude(state=Issue.State.CANCELLED).exclude(pk=besides.pk if besides else 0)
    last: datetime | None = digests.aggregate(last=Max("digest_until"))["last"]
    if last is not None:
        return last
    if newsletter.schedule == Newsletter.Schedule.BY_HAND:
        return until - FIRST_SPAN
    span = timedelta(days=1) if newsletter.schedule == Newsletter.Schedule.DAILY else timedelta(days=7)
    # Earlier, if the first digests were cancelled or left out.
    return min(until - span, newsletter.scheduled_since)


def make_digest(
    newsletter: Newsletter, articles: list[Article], *, until: datetime, now: datetime, day: date | None = None
) -> Issue:
    """Return a new draft with `articles`. The headline of the first is its subject, the others are its preview text."""
    headlines = [article.served(now).headline for article in articles]
    issue = Issue.objects.create(
        newsletter=newsletter,
        kind=Issue.Kind.DIGEST,
        subject=headlines[0][:MAX_SUBJECT_LENGTH] if headlines else "",
        preview_text=_that_fit(headlines[1:]),
        digest_until=until,
        digest_day=day,
    )
    add_articles(issue, articles)
    return issue


def _that_fit(headlines: list[str]) -> str:
    """Return as many of `headlines` as fit into a preview text."""
    text = ""
    for headline in headlines:
        longer = f"{text} · {headline}" if text else headline
        if len(longer) > MAX_PREVIEW_LENGTH:
            break
        text = longer
    return text
