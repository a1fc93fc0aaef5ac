"""What is checked before an issue is sent: who gets it, and what mail programs make of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.access import Level
from articles.services.publishing import NotReadyError
from subscriptions.services.access import has_level
from truthlytics.newsletters.models import Issue, Variant
from truthlytics.newsletters.rendering import render_variants
from truthlytics.newsletters.services.preparing import recipients
from truthlytics.web.markup import lxml_html

# Gmail cuts off an email after this many bytes of HTML, and with it the link to leave.
MAX_BYTES = 102 * 1024
# What most mail programs show of a subject, and of subject and preview text together.
SHOWN_SUBJECT, SHOWN_PREVIEW = 60, 90


class Finding(NamedTuple):
    """A sentence for the editor. A blocking one must be dealt with before the issue can be sent."""

    text: str | Promise
    is_blocking: bool = False


class Rendered(NamedTuple):
    """An issue as it would be sent. `reasons` are sentences that say why it has no variants."""

    variants: list[Variant]
    reasons: list[str]

    def for_level(self, level: int) -> Variant | None:
        """Return what readers of `level` get."""
        return next((variant for variant in reversed(self.variants) if variant.level <= level), None)


def rendered(issue: Issue, now: datetime) -> Rendered:
    """Render `issue` without saving anything, as it would be sent at `now` or when its articles are public."""
    planned = list(issue.articles.values_list("article__published_at", flat=True))
    at = max(filter(None, [now, issue.send_at, *planned]))
    try:
        return Rendered(render_variants(issue, at), [])
    except NotReadyError as error:
        return Rendered([], error.reasons)


def recipient_counts(issue: Issue, levels: Iterable[int], now: datetime) -> dict[int, int]:
    """Return how many readers would get the variant of each of `levels` now. One query for each."""
    counts: dict[int, int] = {}
    higher = 0
    for level in sorted(levels, reverse=True):
        may_get = has_level("user", max(level, issue.newsletter.required_level), now)
        number = recipients(issue, now).filter(may_get).count()
        counts[level], higher = number - higher, number
    return counts


def reader_count(issue: Issue, now: datetime) -> int:
    """Return how many readers would get `issue` now."""
    return recipient_counts(issue, [Level.EVERYONE], now)[Level.EVERYONE]


def findings(issue: Issue, result: Rendered, recipient_count: int) -> list[Finding]:
    """Return what is wrong with `issue`, the blocking ones first."""
    found = [Finding(reason, is_blocking=True) for reason in result.reasons]
    if not issue.subject:
        found.append(Finding(_("It has no subject."), is_blocking=True))
    if issue.kind == Issue.Kind.LETTER and not issue.body:
        found.append(Finding(_("The letter has no text."), is_blocking=True))
    if not recipient_count and not result.reasons:
        nobody = _("Nobody would get it: no reader has signed up for this newsletter.")
        if issue.audience:
            nobody = _("Nobody would get it: none of its readers belongs to those whom you chose.")
        found.append(Finding(nobody, is_blocking=True))
    if len(issue.subject) > SHOWN_SUBJECT:
        message = _("The subject has %(count)d characters. Mail programs show about %(limit)d.")
        found.append(Finding(message % {"count": len(issue.subject), "limit": SHOWN_SUBJECT}))
    if not issue.preview_text:
        found.append(Finding(_("Without a preview text, mail programs show the beginning of the email.")))
    if result.variants:
        found += _about_html(result.variants)
    return found


def _about_html(variants: list[Variant]) -> list[Finding]:
    found = []
    size = max(len(variant.html.encode()) for variant in variants)
    if size > MAX_BYTES:
        message = _(
            "The email has %(size)d kB. Gmail cuts off what is longer than 102 kB, and with it the link to leave."
        )
        found.append(Finding(message % {"size": round(size / 1024)}))
    images = lxml_html.fromstring(variants[-1].html).iter("img")
    if missing := sum(1 for image in images if not image.get("alt", "").strip()):
        message = ngettext(
            "%(count)d image has no alternative text, which readers see until images are loaded.",
            "%(count)d images have no alternative text, which readers see until images are loaded.",
            missing,
        )
        found.append(Finding(message % {"count": missing}))
    return found
