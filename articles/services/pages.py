"""Publishing pages: the working row becomes a version in a chain, as an article's does."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from articles.integrity import canonical, chain_digest, digest_of
from articles.models import Image, Page, PageVersion, Redirect
from articles.revisions.fields import typed
from articles.richtext.vocabulary import clean, parse
from articles.services.checks import hindering
from articles.services.publishable import next_version
from articles.services.publishing import NotReadyError


def missing(page: Page) -> list[str]:
    """What `page` cannot be without, as sentences; empty when it has it."""
    reasons = []
    if not page.headline.strip():
        reasons.append("Give it a title.")
    if not parse(clean(page.body)).text_content().strip():
        reasons.append("Write a text.")
    return reasons


def content_of(page: Page) -> dict[str, Any]:
    """What a version of `page` would hold now: words, and pictures by uuid, never a database id."""
    body = clean(page.body)
    used = [figure.get("data-image") for figure in parse(body).iter("figure")]
    images = Image.objects.filter(uuid__in=[uuid for uuid in used if uuid])
    return {
        "uuid": str(page.uuid),
        "headline": " ".join(page.headline.split()),
        "standfirst": page.standfirst.strip(),
        "body": body,
        "pictures": {
            str(image.uuid): {
                "sha256": image.sha256, "alt": image.alt, "caption": image.caption, "credit": image.credit_line,
            }
            for image in images
        },
        "footnotes": [mark.get("data-footnote") for mark in parse(body).iter("sup")],
    }  # fmt: skip


@transaction.atomic
def publish(*, page: Page, by: Any = None, at: datetime | None = None, note: str = "") -> PageVersion:
    """Make a version of `page` as it stands, served from `at` (UTC; None or past: at once) with a public `note`.

    A version that was waiting for its time is replaced and never appears; none is dated before the one that it
    follows. Raises NotReadyError with what is missing, or with what the checks find that blocks.
    """
    locked = Page.objects.select_for_update().get(pk=page.pk)
    content = content_of(locked)
    if reasons := missing(locked) or hindering(typed(content), address=locked.get_absolute_url()):
        raise NotReadyError(reasons)
    return record(locked, content=canonical(content), by=by, at=at, note=note)


def record(locked: Page, *, content: str, by: Any, at: datetime | None = None, note: str = "") -> PageVersion:
    """A version that follows the last one in the chain of `locked`, with exactly this content."""
    last = locked.versions.order_by("-number").values_list("digest", flat=True).first()
    facts = next_version(locked, by=by, at=at, note=note, now=timezone.now())
    version = PageVersion(page=locked, content=content, content_digest=digest_of(content), **facts)
    version.digest = chain_digest(last or "", locked.uuid, version)
    version.save()
    return version


@transaction.atomic
def move(*, page: Page, old_slug: str) -> None:
    """Let the address that `page` had lead on to the one it has now. An address in use again stops leading."""
    Redirect.objects.filter(path=Redirect.normal(page.get_absolute_url())).delete()
    if old_slug and old_slug != page.slug:
        path = Redirect.normal(reverse("articles:page", args=[old_slug]))
        Redirect.objects.update_or_create(path=path, defaults={"page": page, "article": None})
