"""Publishing articles, dossiers and pages: the working row becomes a version that never changes.

`item` is an article, a dossier or a page; what differs between them is in `item_types`.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import FETCH_PEERS
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.checks import Finding, Severity
from articles.corrections.rule import unsaid, unsaid_about_ai
from articles.corrections.wording import words_differ
from articles.models import Article, ChangeKind, Correction
from articles.responsibility import weakened_uses
from articles.services import checks, log_entries, reviews, withdrawals
from articles.services.change_kinds import changed_facts, new_correction
from articles.services.item_types import ARTICLE, Item, item_type
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User

NOTE_LENGTH = 500


class FirstPublication(NamedTuple):
    """What `publish_first_versions` takes: an article without a version, when it is served from, and a public note."""

    article: Article
    at: datetime | None
    note: str


class NotReadyError(Exception):
    """The item lacks something that readers need. `reasons` are sentences for its editor."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class UnsaidChangeError(NotReadyError):
    """Readers would not be told of a change of words, facts or the stated use of AI. See `articles.corrections.rule`.

    The reason is a sentence for the editor about what to say.
    """


def content_of(item: Item) -> JsonObject:
    """Return what a version of `item` would hold now: text, and related rows by uuid."""
    return item_type(item).content_of(item)


def differs(item: Item, version: object, content: dict[str, object] | None = None) -> bool:
    """Return whether publishing `item` now would change what readers get with `version`."""
    return item_type(item).differs(item, version, content)


def blocking_findings(
    item: Item, content: dict[str, object], *, minimum: Severity = Severity.BLOCKING
) -> list[Finding]:
    """Return the findings that keep `content` from being published as `item`; empty if it is ready.

    Those of checks that failed are among them.
    """
    fields = item_type(item).checked_fields(content)
    return checks.findings_in(fields, address=item.get_absolute_url(), minimum=minimum)


@transaction.atomic
def publish(
    *,
    item: Item,
    by: User | None = None,
    at: datetime | None = None,
    note: str = "",
    kind: str = "",
    essential_checks_only: bool = False,
    without: Collection[str] = (),
) -> Any:
    """Publish `item` as a new version, served from `at` (UTC; None or past: now), with a public `note`.

    Other words of an article have a `kind` of change (see ChangeKind); all but minor edits need a note, and so does a
    minor edit in which a fact changed. Changes without other words have no kind. A statement of less use of AI than
    before needs a note that says why, which makes it an editor’s note of an article if no kind is given.

    Replaces a scheduled version, which then never appears. No version is dated before the one it follows. Refreshes
    `item`. Raises UnsaidChangeError for what readers are not told, and NotReadyError for what is missing, and for
    blocking findings; `essential_checks_only` is for imports of what was public elsewhere, and only insists on what a
    page cannot be rendered without. So does a check of a plug-in that failed, unless `without` names it.
    """
    behaviour = item_type(item)
    locked = lock(item)
    content = behaviour.content_of(locked)
    _require_ready(locked, content, essential_only=essential_checks_only, by=by, without=without)
    now = timezone.now()
    behaviour.promote_due(locked, now)
    correction = correction_of(locked, content, kind=kind, note=note, by=by, now=now)
    public_from = _earliest(locked, at or now, now)
    if locked.withdrawn_at is not None and now < locked.withdrawn_at <= public_from:
        raise NotReadyError([_("It will be removed before that time. Change or cancel the removal first.")])
    behaviour.drop_scheduled(locked, now)
    version = create_version(
        locked, content, by=by, now=now, public_from=public_from, note=note, correction=correction,
        is_imported=essential_checks_only,
    )  # fmt: skip
    behaviour.serve(locked, version, now=now, by=by)
    behaviour.announce(locked, version)
    item.refresh_from_db()
    return version


@transaction.atomic
def publish_first_versions(publications: Sequence[FirstPublication]) -> None:
    """Publish many articles of an archive.

    Writes the same rows as `publish` with `essential_checks_only` for each of them, but the number of queries does not
    grow with that of the articles (unless they cite sources), and there is one signal for all. Does not refresh the
    articles. Raises NotReadyError if one lacks something, and IntegrityError if one has a version; then none is
    published.
    """
    if not publications:
        return
    wanted = {publication.article.pk: publication for publication in publications}
    # With peers, what the first article refers to is fetched for all.
    rows = Article.objects.select_for_update().fetch_mode(FETCH_PEERS).filter(pk__in=wanted)
    articles = list(rows.order_by("pk"))
    contents = ARTICLE.contents_of(articles)
    for article, content in zip(articles, contents, strict=True):
        _require_ready(article, content, essential_only=True)
    now = timezone.now()
    columns = [
        {
            "public_from": _earliest(article, wanted[article.pk].at or now, now),
            **_columns(by=None, now=now, note=wanted[article.pk].note),
        }
        for article in articles
    ]
    versions = ARTICLE.create_first_versions(zip(articles, contents, columns, strict=True))
    log_entries.add_first_versions(versions)
    ARTICLE.serve_first(versions, now=now)
    ARTICLE.announce_first(versions)


def _require_ready(
    item: Item, content: JsonObject, *, essential_only: bool, by: User | None = None, without: Collection[str] = ()
) -> None:
    """Raise NotReadyError for what is missing, for blocking findings, and for what the user `by` has to state."""
    minimum = Severity.ESSENTIAL if essential_only else Severity.BLOCKING
    reasons = item_type(item).missing(item, essential_only=essential_only) or [
        finding.message
        for finding in blocking_findings(item, content, minimum=minimum)
        if not (finding.failed and finding.check in without)
    ]
    if not reasons and by is not None:
        reasons = reviews.obstacles(item, content)
    if reasons:
        raise NotReadyError(reasons)


def correction_of(
    item: Item, content: JsonObject, *, kind: str, note: str, by: User | None, now: datetime
) -> Correction | None:
    """Return what kind of change publishing `content` is: of words, or of what is stated about AI. None if neither.

    A minor edit names the facts that changed.
    """
    before = item.live if isinstance(item, Article) else None
    if before is None:
        return None
    if not words_differ(before.content, content):
        if not weakened_uses(json.loads(before.content or "{}"), content):
            return None
        kind = kind or (ChangeKind.NOTE if note.strip() else "")
    facts = changed_facts(before.content, content) if kind == ChangeKind.MINOR else ()
    return new_correction(kind, by=by, now=now, facts=facts) if kind else None


def create_version(
    item: Item,
    content: str | dict[str, object],
    *,
    by: User | None,
    now: datetime,
    public_from: datetime,
    note: str,
    correction: Correction | None = None,
    is_imported: bool = False,
) -> Any:
    """Append the next version of `item`, which is locked. `content` is a dict, or the text of another version.

    Every version is made here. Raises UnsaidChangeError if readers are not told of a change.
    """
    _require_said(item, content, correction, note=note, now=now)
    columns = _columns(by=by, now=now, note=note)
    version = item_type(item).create_version(item, content, correction=correction, public_from=public_from, **columns)
    log_entries.add_version(item, version, correction, is_imported=is_imported)
    return version


def _require_said(
    item: Item, content: str | JsonObject, correction: Correction | None, *, note: str, now: datetime
) -> None:
    """Raise UnsaidChangeError unless readers are told what changes with `content`, compared with what they have."""
    if isinstance(item, Article):
        if item.live is None:
            return
        kind, facts = ("", "") if correction is None else (correction.kind, correction.changed_facts)
        declared = [fact for fact in facts.split(",") if fact]
        reason = unsaid(item.live.content, content, kind=kind, facts=declared, note=note)
    else:
        newest = item.versions.was_public(now).last()
        reason = unsaid_about_ai(newest.content, content, note=note) if newest is not None else ""
    if reason:
        raise UnsaidChangeError([reason])


def _columns(*, by: User | None, now: datetime, note: str) -> dict[str, object]:
    """Return the columns of a new version that do not depend on its content."""
    note = " ".join(note.replace("\x00", "").split())[:NOTE_LENGTH]
    return {"created_at": now.replace(microsecond=0), "created_by": by, "note": note}


@transaction.atomic
def replace_version(
    item: Item,
    old: Any,
    content: str | dict[str, object],
    *,
    by: User | None,
    at: datetime,
    note: str,
    correction: Correction | None = None,
) -> Any:
    """Publish `content` instead of the served or scheduled version `old` of `item`, which is locked.

    What is being written stays unpublished. A scheduled version passes its kind of change on.
    """
    behaviour, now = item_type(item), timezone.now()
    if correction is None and old.public_from > now and old.change is not None:
        correction = Correction(
            kind=old.change.kind,
            made_by=old.change.made_by,
            made_at=old.change.made_at,
            changed_facts=old.change.changed_facts,
        )
    version = create_version(
        item, content, by=by, now=now, public_from=_earliest(item, at, now), note=note, correction=correction
    )
    behaviour.replace(item, old, version, now)
    behaviour.announce(item, version)
    return version


def _earliest(item: Item, at: datetime, now: datetime) -> datetime:
    """Return `at`, or the time of the newest public version if that is later.

    Without microseconds, because the digest covers whole seconds and must agree with what is served.
    """
    newest = item_type(item).newest_public_from(item, now)
    at = at.replace(microsecond=0)
    return max(at, newest) if newest else at


@transaction.atomic
def unschedule(*, item: Item, by: User | None = None) -> bool:
    """Drop the scheduled version: it stays in the record and never appears. Refreshes `item`.

    Return whether there was one.
    """
    behaviour, now = item_type(item), timezone.now()
    locked = lock(item)
    behaviour.promote_due(locked, now)
    scheduled = locked.scheduled_version()
    if scheduled is not None:
        behaviour.drop_scheduled(locked, now)
        withdrawn_at = locked.withdrawn_at
        if locked.published_at is None:
            locked.withdrawn_at, locked.withdrawn_note = None, ""
            behaviour.unscheduled(locked, by)
        locked.save(update_fields=[*behaviour.state_columns, "withdrawn_at", "withdrawn_note", "updated_at"])
        if isinstance(locked, Article):
            withdrawals.record(locked, now)
        log_entries.change_withdrawal(locked, withdrawn_at, now)
        behaviour.announce(locked, scheduled)
    item.refresh_from_db()
    return scheduled is not None


@transaction.atomic
def withdraw(*, item: Item, note: str = "") -> None:
    """Take `item` off the site now, with `note` for readers at its URL. Refreshes `item`.

    Replaces a scheduled expiry. Does nothing for an item that is withdrawn already or was never published.
    """
    locked = lock(item)
    if locked.state() not in {"draft", "withdrawn"}:
        set_withdrawn(item, locked, timezone.now(), note)


@transaction.atomic
def restore(*, item: Item) -> None:
    """Put a withdrawn `item` back on the site. Refreshes `item`. Does nothing if its text was removed."""
    locked = lock(item)
    if locked.withdrawn_at is not None and not text_was_removed(locked):
        set_withdrawn(item, locked, None, "")


def text_was_removed(item: Item) -> bool:
    """Return whether the newest version that readers have seen was redacted."""
    newest = item.versions.was_public().order_by("-number").first()
    return newest is not None and newest.content is None


def set_withdrawn(item: Item, locked: Item, at: datetime | None, note: str) -> None:
    before, now = locked.withdrawn_at, timezone.now()
    locked.withdrawn_at, locked.withdrawn_note = at, note
    locked.save(update_fields=["withdrawn_at", "withdrawn_note", "updated_at"])
    if isinstance(locked, Article):
        withdrawals.record(locked, now)
    log_entries.change_withdrawal(locked, before, now)
    item.refresh_from_db()
    item_type(item).announce(item)


def lock(item: Any) -> Any:
    """Fetch the row of `item` again, locked until the transaction ends."""
    return type(item)._default_manager.select_for_update().get(pk=item.pk)
