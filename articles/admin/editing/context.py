"""What the writing desk shows beside the form."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from articles.admin.articles import remarks, sharing
from articles.admin.editing.checks import found_in
from articles.admin.editing.local_time import ahead
from articles.admin.formatting import badge, badges, time_or_date
from articles.admin.workflow import workflow_panel
from articles.media.renditions import responsive_image
from articles.models import Article, Image
from articles.revisions.fields import Typed, differing, typed
from articles.richtext.rendering import plain_text
from articles.richtext.vocabulary import clean, image_uuids
from articles.services import autosave, revisions
from articles.services.publishing import content_of, differs
from truthlytics.web.ids import parse_id

SMALLEST, LARGER = 0, 1


def thumbnail(image: Image, size: int = SMALLEST) -> str:
    """The address of a small rendition of `image`; "" while none is made."""
    sources = responsive_image(image).sources
    files = sources.get("webp") or sources.get("jpeg") or ()
    return files[min(size, len(files) - 1)][0] if files else ""


def as_json(image: Image) -> dict[str, Any]:
    """A picture as the newsroom's pages and scripts need it. `sizes` is ready, failed or how many of how many."""
    made, wanted = image.progress
    return {
        "pk": image.pk,
        "uuid": str(image.uuid),
        "url": thumbnail(image),
        "large": thumbnail(image, LARGER),
        "page": reverse("admin:articles_image_change", args=[image.pk]),
        "title": str(image),
        "alt": image.alt,
        "caption": image.caption,
        "credit": image.credit_line,
        "licence": image.licence,
        "complete": image.complete,
        "proposed": image.proposed,
        "focal": "{}% {}%".format(*image.focal),
        "sizes": "ready" if made >= wanted else "failed" if image.trouble else f"{made} of {wanted}",
        "width": image.width,
        "height": image.height,
    }


def context_of(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """State, record and pictures of the article whose page is drawn with `context`."""
    article: Article | None = context.get("original")
    form = context["adminform"].form
    images = images_of(form)
    desk: dict[str, Any] = {
        "pictures": {str(image.uuid): as_json(image) for image in images},
        "may_publish": request.user.has_perm("articles.publish_article"),
        "zone": timezone.get_current_timezone_name(),
        "badge": badge("draft"),
        "state": "draft",
        "title": "New article",
        "subtitle": None,
        "work": workflow_panel(article or Article(), request.user),
    }
    if article is None or article.pk is None:
        return desk
    state, content = article.state(), content_of(article)
    now = typed(content | revisions.newsroom_only(article))
    versions = list(article.versions.order_by("-number").only("number", "public_from", "note", "superseded_at"))
    served = article.served() if article.published_at and article.published_at <= timezone.now() else None
    desk |= sharing.panel_context(article) | remarks.panel_context(article, request.user)
    return desk | {
        "unsaved": unsaved_of(article, request.user, now),
        "title": str(article),
        "state": state,
        "badge": badges(article),
        "versions": versions,
        "served": served,
        "differs": served is not None and differs(article, served, content),
        "found": found_in(article, typed(content), images),
        "ends_at": ahead(article),
        "public": state in {"published", "changing"},
        "deletable": not versions and request.user.has_perm("articles.delete_article"),
    }


def unsaved_of(article: Any, person: Any, now: Typed | None = None) -> dict[str, Any] | None:
    """This person's words that were never saved, where they are others than what stands there (`now`, where known)."""
    slot = article.autosaves.filter(person=person).first()
    if slot is None:
        return None
    fields = autosave.fields_of(slot)
    now = now or revisions.text_now(article)
    if not differing(now, revisions.text_of_form(article, fields, now)):
        return None
    return {
        "at": time_or_date(slot.saved_at),
        "tab": slot.tab,
        "sequence": slot.sequence,
        "stale": slot.edition != article.edition,
        "fields": list(fields.lists()),
    }


def form_images_json(form: Any) -> Iterable[dict[str, Any]]:
    """The pictures that the form's text and lead name, as the editor needs them."""
    return map(as_json, images_of(form))


def images_of(form: Any) -> list[Image]:
    body = clean(str(form["body"].value() or "")) if "body" in form.fields else ""
    lead = form["lead"].value() if "lead" in form.fields else None
    found = Image.objects.filter(uuid__in=image_uuids(body))
    if (pk := parse_id(lead)) is not None:
        found |= Image.objects.filter(pk=pk)
    return list(found.prefetch_related("renditions"))


def words_of(article: Any) -> int:
    return len(plain_text(clean(article.body)).split())
