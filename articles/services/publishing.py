"""Publishing: the working row becomes a version that nobody changes any more."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.checks import Finding, Weight
from articles.integrity import canonical, chain_digest, digest_of
from articles.models import (
    ENTRY_MODELS,
    Article,
    AuthorEntry,
    Image,
    Redirect,
    SectionEntry,
    SeriesEntry,
    Topic,
    TopicEntry,
    Version,
)
from articles.models.image_usage import ImageUsage
from articles.revisions.fields import typed
from articles.richtext.vocabulary import clean, parse, pictures_in
from articles.services import checks, workflow
from articles.services.denormalise import derive, derive_again
from articles.signals import version_published


class NotReadyError(Exception):
    """The article lacks what readers need; `reasons` are sentences for its editor."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def hindering(article: Article, content: dict[str, Any], *, least: Weight = Weight.BLOCKING) -> list[Finding]:
    """What still keeps `content` from being published as `article`; empty when it is ready. Nothing else decides."""
    return checks.findings_in(typed(content), address=article.get_absolute_url(), least=least)


def content_of(article: Article) -> dict[str, Any]:
    """What a version of `article` would hold now: words, and names by uuid, never a database id."""
    body = clean(article.body)
    images = {str(image.uuid): image for image in Image.objects.filter(uuid__in=pictures_in(body))}
    if article.lead is not None:
        images[str(article.lead.uuid)] = article.lead
    content: dict[str, Any] = {
        "uuid": str(article.uuid),
        "headline": " ".join(article.headline.split()),
        "standfirst": article.standfirst.strip(),
        "body": body,
        "kind": article.kind,
        "required_level": article.required_level,
        "section": {"uuid": str(article.section.uuid), "name": article.section.name} if article.section else None,
        "topics": _named(topic.survivor for topic in article.topics.select_related("merged_into")),
        "bylines": [
            {"uuid": str(byline.author.uuid), "name": byline.author.name}
            for byline in article.bylines.select_related("author")
        ],
        "lead": {"uuid": str(article.lead.uuid), "caption": article.lead_caption.strip()} if article.lead else None,
        "pictures": {
            uuid: {"sha256": image.sha256, "alt": image.alt, "caption": image.caption, "credit": image.credit_line}
            for uuid, image in images.items()
        },
        "footnotes": [mark.get("data-footnote") for mark in parse(body).iterfind(".//sup[@data-footnote]")],
        "seo": {"title": article.seo_title.strip(), "description": article.seo_description.strip()},
    }
    if article.series is not None:
        # Only where there is one: what was published before there were series must not seem to differ.
        series = article.series
        content["series"] = {"uuid": str(series.uuid), "name": series.name, "part": article.series_part}
    if article.audio is not None:
        content["audio"] = article.audio.as_content()
    return content


def _named(topics: Iterable[Topic]) -> list[dict[str, str]]:
    once = sorted({topic.pk: topic for topic in topics}.values(), key=lambda topic: (topic.name, topic.pk))
    return [{"uuid": str(topic.uuid), "name": topic.name} for topic in once]


def differs(article: Article, version: Version, now: dict[str, Any] | None = None) -> bool:
    """Whether another version now would tell readers anything that `version` does not.

    `now` is its content, where it is known already. That a topic is called otherwise by now, or was merged into
    another, is drawn with every version anyway.
    """
    now = now or content_of(article)
    if version.content_digest == digest_of(canonical(now)):
        return False
    then = json.loads(version.content or "{}")
    then["topics"] = _named(Topic.objects.as_today(then.get("topics", ())))
    return canonical(then) != canonical(now)


@transaction.atomic
def publish(
    *, article: Article, by: Any = None, at: datetime | None = None, note: str = "", as_found: bool = False
) -> Version:
    """Make a version of `article` as it stands, served from `at` (UTC; None or past: at once) with a public `note`.

    A version that was waiting for its time is replaced and never appears; none is dated before the one that it
    follows. `article` itself is refreshed. Raises NotReadyError with what the checks find that blocks; what was public
    elsewhere already (`as_found`) only has to have what no page can be made without.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    content = content_of(locked)
    if found := hindering(locked, content, least=Weight.ESSENTIAL if as_found else Weight.BLOCKING):
        raise NotReadyError([finding.sentence for finding in found])
    now = timezone.now()
    fold(locked, now)
    # Seconds are what the record keeps: what is served and what is digested must be the same moment.
    public_from = (at or now).replace(microsecond=0)
    if locked.live is not None:
        public_from = max(public_from, locked.live.public_from)
    ahead = public_from > now
    if locked.withdrawn_at is not None and now < locked.withdrawn_at <= public_from:
        raise NotReadyError(["Readers have it no longer by then: move its end, or take it back, first."])
    _drop_waiting(locked, now)
    version = record(locked, by=by, now=now, public_from=public_from, note=note, content=canonical(content))
    if ahead:
        locked.upcoming, locked.upcoming_at = version, public_from
    else:
        locked.live = version
    if locked.published_at is None or locked.published_at > now:
        locked.published_at = public_from
    locked.save(update_fields=["live", "upcoming", "upcoming_at", "published_at", "updated_at"])
    workflow.close(article=locked, by=by)
    _place(locked, version)
    made(locked, version)
    article.refresh_from_db()
    return version


def made(article: Article, version: Version) -> None:
    """What follows once `version` is committed."""
    if connection.features.has_select_for_update:
        # Whoever renamed a section meanwhile, or made a picture's next size, did not find this version to derive it
        # again. Where writers come one after the other, there is no meanwhile.
        transaction.on_commit(partial(derive_again, version.pk), robust=True)
    transaction.on_commit(partial(version_published.send, sender=Article, article=article, version=version))


def record(
    article: Article, *, by: Any, now: datetime, public_from: datetime, note: str, content: str | None = None
) -> Version:
    """The next version of `article`, which is locked: of its text as it stands, or with the `content` of another."""
    last = Version.objects.filter(article=article).order_by("-number").only("number", "digest").first()
    content = content or canonical(content_of(article))
    version = Version(
        article=article,
        number=last.number + 1 if last else 1,
        public_from=public_from,
        made_at=now.replace(microsecond=0),
        made_by=by,
        note=" ".join(note.split()),
        content=content,
        content_digest=digest_of(content),
    )
    version.note = version.note.replace("\x00", "")[:500]
    version.digest = chain_digest(last.digest if last else "", article.uuid, version)
    derive(version)
    version.save()
    ImageUsage.keep_of(version)
    return version


def _drop_waiting(article: Article, now: datetime) -> None:
    """A plan that did not come about: its lines go, and those that it would have closed stay open."""
    if article.upcoming_id is None:
        return
    Version.objects.filter(pk=article.upcoming_id).update(superseded_at=now)
    for entries in ENTRY_MODELS:
        entries.objects.filter(article=article, version=article.upcoming_id).delete()
        entries.objects.filter(article=article).update(served_until=None)
    article.upcoming, article.upcoming_at = None, None


def _place(article: Article, version: Version) -> None:
    """Write the lines of `version`; those before it end when it begins."""
    ahead = article.upcoming_id == version.pk
    when = {"published_at": article.published_at, "served_from": version.public_from}
    for entries in ENTRY_MODELS:
        old = entries.objects.filter(article=article)
        if ahead:
            old.update(served_until=version.public_from)
        else:
            old.delete()
    if version.section is not None:
        SectionEntry.objects.create(article=article, version=version, section=version.section, **when)
    TopicEntry.objects.bulk_create(
        TopicEntry(article=article, version=version, topic=topic, **when)
        for topic in Topic.objects.as_today(json.loads(version.content or "{}").get("topics", ()))
    )
    AuthorEntry.objects.bulk_create(
        AuthorEntry(article=article, version=version, author=byline.author, **when)
        for byline in article.bylines.select_related("author")
    )
    if article.series_id is not None and article.series_part is not None:
        SeriesEntry.objects.create(
            article=article, version=version, series_id=article.series_id, part=article.series_part, **when
        )
    search.index(version)


def fold(article: Article, now: datetime) -> bool:
    """Make a due `upcoming` the live version. Nothing depends on it: readers get it from its time on anyway.

    Safe to run at once from two places; True where this call did it.
    """
    done = Article.objects.filter(pk=article.pk, upcoming__isnull=False, upcoming_at__lte=now).update(
        live=F("upcoming"), upcoming=None, upcoming_at=None
    )
    if done:
        for entries in ENTRY_MODELS:
            entries.objects.filter(article=article, served_until__lte=now).delete()
        article.refresh_from_db(fields=["live", "upcoming", "upcoming_at"])
    return bool(done)


def fold_due(now: datetime | None = None) -> int:
    """Fold every due version, one transaction each; returns how many. What `manage.py tick` calls."""
    now = now or timezone.now()
    count = 0
    for article in Article.objects.with_due_upcoming(now):
        with transaction.atomic():
            count += fold(article, now)
    return count


@transaction.atomic
def unschedule(*, article: Article, by: Any = None) -> bool:
    """Give up the version that waits for its time; it stays in the record and never appears.

    True where one was waiting. `article` itself is refreshed.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    now = timezone.now()
    fold(locked, now)
    waiting = locked.upcoming
    if waiting is not None:
        _drop_waiting(locked, now)
        if locked.live_id is None:
            # What never begins has no end either.
            locked.published_at, locked.withdrawn_at, locked.withdrawn_note = None, None, ""
            workflow.reopen(article=locked, by=by)
        ends = ["withdrawn_at", "withdrawn_note"]
        locked.save(update_fields=["upcoming", "upcoming_at", "published_at", *ends, "updated_at"])
        transaction.on_commit(partial(version_published.send, sender=Article, article=locked, version=waiting))
    article.refresh_from_db()
    return waiting is not None


@transaction.atomic
def withdraw(*, article: Article, note: str = "") -> None:
    """Take `article` off the site at once; its versions stay in the record. Withdrawing twice changes nothing.

    `note` is what its address says to readers from then on.
    An end that was set for later comes now; what was never published cannot be withdrawn.
    """
    now = timezone.now()
    on_site = Article.objects.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=now), published_at__isnull=False)
    if on_site.filter(pk=article.pk).update(withdrawn_at=now, withdrawn_note=note, updated_at=now):
        announce(article)


@transaction.atomic
def restore(*, article: Article) -> None:
    """Put a withdrawn `article` back, as it was."""
    if Article.objects.filter(pk=article.pk, withdrawn_at__isnull=False).update(withdrawn_at=None, withdrawn_note=""):
        announce(article)


def announce(article: Article) -> None:
    """Refresh `article`, and tell whoever keeps something of it, once this is committed."""
    article.refresh_from_db()
    served = article.live or article.upcoming
    transaction.on_commit(partial(version_published.send, sender=Article, article=article, version=served))


@transaction.atomic
def move(*, article: Article, old_slug: str) -> None:
    """Let the address that `article` had lead on to the one it has now. An address in use again stops leading."""
    Redirect.objects.filter(path=Redirect.normal(article.get_absolute_url())).delete()
    if old_slug and old_slug != article.slug:
        path = Redirect.normal(reverse("articles:article", args=[old_slug]))
        Redirect.objects.update_or_create(path=path, defaults={"article": article, "page": None})
