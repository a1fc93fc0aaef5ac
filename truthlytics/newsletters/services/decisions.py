"""What editors decide about an issue before it is sent: when, or that it is not sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from articles.models import Article, Correction, Version
from articles.responsibility import stated_uses
from articles.services.reviews import new_review
from truthlytics.newsletters.models import Issue, IssueArticle, IssueQuerySet, Newsletter
from truthlytics.newsletters.models.issues import MAX_PREVIEW_LENGTH, MAX_SUBJECT_LENGTH
from truthlytics.newsletters.services.audiences import Audience
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User

State = Issue.State


@transaction.atomic
def schedule(*, issue: Issue, at: datetime | None, by: User | None, audience: Audience | None = None) -> bool:
    """Send `issue` at `at` (UTC; None or past: now). Also moves one that is scheduled, and approves one that waits.

    It is sent to `audience`; with None, to the one chosen before.
    Returns False if it is already being sent or was cancelled.
    """
    now = timezone.now()
    send_at = max(at or now, now)
    undecided = Issue.objects.undecided().filter(pk=issue.pk)
    chosen = {} if audience is None else {"audience": audience.stored}
    decided = {"send_at": send_at, "pause_reason": "", "approved_at": now, "approved_by": by}
    if not undecided.update(state=State.SCHEDULED, **decided, **chosen):
        return False
    issue.refresh_from_db()
    if send_at <= now:
        # At once, and not with the next `tick`.
        transaction.on_commit(partial(work_on.enqueue, issue_id=issue.pk))
    return True


@transaction.atomic
def state_ai_uses(
    *, issue: Issue, uses: Iterable[str], sentences: Mapping[str, str], review: JsonObject, by: User
) -> None:
    """Write what AI was used for in the text of `issue`, with `sentences` by column, unless it is too late.

    `review` is what `new_review` takes if `by` has checked the text, else empty. It takes the place of an earlier one.
    """
    locked = Issue.objects.undecided().select_for_update().filter(pk=issue.pk).first()
    if locked is None:
        return
    stated: JsonObject = {"ai_uses": stated_uses(uses), **sentences}
    if review:
        row = new_review(by=by, **review)
        others = [other for other in locked.reviews if other["reviewer"] != row.reviewer.number]
        stated["reviews"] = [*others, row.as_content(row.text_digest) | {"text_digest": row.text_digest}]
    Issue.objects.filter(pk=issue.pk).update(**stated)


def unschedule(*, issue: Issue, reason: str = "") -> bool:
    """Make a scheduled issue a draft again; `reason` says why, unless an editor did it. Returns False if too late."""
    scheduled = Issue.objects.filter(pk=issue.pk, state=State.SCHEDULED)
    return bool(scheduled.update(state=State.DRAFT, send_at=None, pause_reason=reason[:300]))


@transaction.atomic
def cancel(*, issue: Issue) -> bool:
    """Never send `issue`, which stays in the list. Other issues may then have its articles.

    Returns False if it is too late.
    """
    undecided = Issue.objects.undecided().filter(pk=issue.pk)
    if not undecided.update(state=State.CANCELLED, send_at=None, pause_reason="", finished_at=timezone.now()):
        return False
    IssueArticle.objects.filter(issue=issue).delete()
    return True


def add_articles(issue: Issue, articles: Iterable[Article]) -> None:
    """Put `articles` behind those that `issue` has."""
    last = issue.articles.order_by("-position").values_list("position", flat=True).first() or 0
    IssueArticle.objects.bulk_create(
        IssueArticle(issue=issue, newsletter_id=issue.newsletter_id, article=article, position=position)
        for position, article in enumerate(articles, start=last + 1)
    )


@transaction.atomic
def send_article(
    *,
    article: Article,
    version: Version,
    newsletter: Newsletter,
    subject: str,
    preview_text: str,
    audience: Audience | None = None,
    by: User,
) -> Issue:
    """Send `article` in full to `audience` as soon as `version` is public. If it is not public then, nothing is sent.

    Raises IntegrityError if the newsletter has sent it before.
    """
    issue = Issue.objects.create(
        newsletter=newsletter,
        kind=Issue.Kind.ARTICLE,
        subject=subject[:MAX_SUBJECT_LENGTH],
        preview_text=preview_text[:MAX_PREVIEW_LENGTH],
        created_by=by,
    )
    add_articles(issue, [article])
    schedule(issue=issue, at=version.public_from, by=by, audience=audience)
    return issue


def scheduled_with(article: Article) -> IssueQuerySet:
    """Return the scheduled issues that send `article` in full."""
    rows = Issue.objects.filter(kind=Issue.Kind.ARTICLE, state=State.SCHEDULED)
    return rows.filter(pk__in=IssueArticle.objects.filter(article=article).values("issue"))


def follow_publication(*, article: Article, version: Version) -> int:
    """Move scheduled issues of `article` that would be sent before `version`, its first one, is public.

    Returns how many were moved.
    """
    if article.published_at != version.public_from:
        return 0
    early = scheduled_with(article).filter(send_at__gt=timezone.now(), send_at__lt=version.public_from)
    return early.update(send_at=version.public_from)


def correction_letter(*, issue: Issue, correction: Correction, subject: str, body: str, by: User) -> Issue:
    """Return the draft that tells those who got `issue` about `correction`: one for each, however often it is asked."""
    draft, _created = Issue.objects.get_or_create(
        corrects=issue,
        correction=correction,
        defaults={
            "newsletter_id": issue.newsletter_id,
            "kind": Issue.Kind.LETTER,
            "subject": subject[:MAX_SUBJECT_LENGTH],
            "body": body,
            "created_by": by,
        },
    )
    return draft


def corrections_of(issue: Issue, now: datetime) -> list[Correction]:
    """Return the corrections that readers of a sent `issue` have not been sent: those of later versions."""
    found: list[Correction] = []
    sent = set(Issue.objects.filter(corrects=issue, prepared_at__isnull=False).values_list("correction", flat=True))
    for row in issue.articles.select_related("version").filter(version__isnull=False):
        later = Correction.objects.listed(now).in_effect().filter(version__article=row.article_id)
        found += later.filter(version__number__gt=row.version.number if row.version else 0)
    return [correction for correction in found if correction.pk not in sent]
