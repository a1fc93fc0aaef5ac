"""Template context of the editor, besides the form."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.admin.articles import remarks, sharing
from articles.admin.editing.access import tab_of
from articles.admin.editing.checks import check_results
from articles.admin.editing.local_time import future_expiry
from articles.admin.formatting import badge, badges, display_name, time_or_date
from articles.admin.workflow import workflow_panel
from articles.media.renditions import responsive_image
from articles.models import Article, Image
from articles.revisions.fields import EditableFields, differing, editable_fields
from articles.richtext.rendering import count_words
from articles.richtext.vocabulary import clean, image_uuids, parse
from articles.services import autosave, revisions
from articles.services.item_types.articles import newsroom_fields
from articles.services.publishing import content_of, differs
from articles.services.sources import sources_of
from truthlytics.web.ids import parse_id
from truthlytics.web.types import TemplateContext
from truthlytics.web.users import User, user_of

SMALLEST, LARGER = 0, 1


def thumbnail(image: Image, size: int = SMALLEST, sha256: str = "") -> str:
    """Return the URL of a small rendition of `image`; "" while there is none. `sha256` names a replaced file."""
    sources = responsive_image(image, sha256).sources
    files = sources.get("webp") or sources.get("jpeg") or ()
    return files[min(size, len(files) - 1)][0] if files else ""


def as_json(image: Image) -> dict[str, object]:
    """Return an image as templates and scripts need it. `sizes` is "ready", "failed" or "2 of 10"."""
    made, wanted = image.progress
    return {
        "pk": image.pk,
        "uuid": str(image.uuid),
        "url": thumbnail(image),
        "large": thumbnail(image, LARGER),
        "page": reverse("admin:articles_image_change", args=[image.pk]),
        "details": reverse("admin:articles_image_details", args=[image.pk]),
        "title": str(image),
        "alt": image.alt,
        "caption": image.caption,
        "credit": image.credit_line,
        "licence": image.licence,
        "ai_label": image.ai_label,
        "complete": image.complete,
        "proposed": image.proposed,
        "focal": "{}% {}%".format(*image.focal),
        "sizes": "ready"
        if made >= wanted
        else "failed"
        if image.rendition_error
        else _("%(made)s of %(wanted)s") % {"made": made, "wanted": wanted},
        "width": image.width,
        "height": image.height,
    }


def editor_context(request: HttpRequest, context: TemplateContext) -> TemplateContext:
    """Return the status, versions, checks and images of the article that is edited with `context`."""
    article: Article | None = context.get("original")
    images = images_in(context["adminform"].form)
    editor: TemplateContext = {
        "pictures": {str(image.uuid): as_json(image) for image in images},
        "may_publish": request.user.has_perm("articles.publish_article"),
        "zone": timezone.get_current_timezone_name(),
        "badge": badge("draft"),
        "state": "draft",
        "title": _("New article"),
        "subtitle": None,
        "work": workflow_panel(article or Article(), user_of(request)),
    }
    if article is None or article.pk is None:
        return editor
    state, content = article.state(), content_of(article)
    current = editable_fields(content | newsroom_fields(article))
    versions = numbered_versions(article)
    served = article.served() if article.published_at and article.published_at <= timezone.now() else None
    editor |= sharing.panel_context(article) | remarks.panel_context(article, user_of(request))
    return editor | {
        "unsaved": unsaved_changes(article, request, current),
        "colleague": _colleague_autosave(article, user_of(request)),
        "title": str(article),
        "state": state,
        "badge": badges(article),
        "versions": versions,
        "served": served,
        "served_number": next((version.shown for version in versions if served and version.pk == served.pk), None),
        "differs": served is not None and differs(article, served, content),
        "check_results": check_results(article, editable_fields(content), images, open_remarks=editor["open_remarks"]),
        "scheduled_at": article.upcoming_at,
        "expires_at": future_expiry(article),
        "sources": sources_of(article),
        "public": state in {"published", "changing"},
        "access_levels": article.access_levels() if state in {"published", "changing", "scheduled"} else None,
        "deletable": not versions and request.user.has_perm("articles.delete_article"),
    }


def numbered_versions(item: Any) -> list[Any]:
    """Return the versions, newest first, each with `shown`: its number as readers count, None if it never appeared."""
    versions = item.versions.order_by("number").only("number", "public_from", "note", "superseded_at", "removal_reason")
    if isinstance(item, Article):
        said = ("correction__kind", "correction__superseded_by__kind")
        versions = versions.select_related("correction__superseded_by").only(
            "article", "number", "public_from", "note", "superseded_at", "removal_reason", *said
        )
    versions = list(versions)
    number = 0
    for version in versions:
        number += version.superseded_at is None
        version.shown = None if version.superseded_at else number
    return versions[::-1]


def unsaved_changes(item: Any, request: HttpRequest, current: EditableFields | None = None) -> dict[str, object] | None:
    """Return the user's autosave if it differs from what is saved (`current`, where the caller has it already).

    `own` is set if the page shows a form with errors again, which continues its own autosave.
    """
    stored = item.autosaves.filter(user=request.user.pk).first()
    if stored is None:
        return None
    if request.method == "POST" and stored.tab == tab_of(request.POST.get("_tab", "")):
        return {"own": True, "tab": stored.tab, "sequence": stored.sequence, "fields": []}
    form = autosave.form_of(stored)
    current = current or revisions.current_fields(item)
    if not differing(current, revisions.fields_from_form(item, form, current)):
        return None
    return {
        "at": time_or_date(stored.saved_at),
        "tab": stored.tab,
        "sequence": stored.sequence,
        "stale": stored.based_on != item.revision_number,
        "fields": list(form.lists()),
    }


def _colleague_autosave(article: Article, user: User) -> dict[str, str] | None:
    """Return who wrote the only text of an article that was never saved, and when; None if it was `user`."""
    stored = autosave.only_text(article)
    if stored is None or stored.user_id == user.pk or article.autosaves.filter(user=user).exists():
        return None
    return {"by": display_name(stored.user), "at": time_or_date(stored.saved_at)}


def images_as_json(form: forms.BaseForm) -> Iterable[dict[str, object]]:
    """Return the images in the form's body and lead, as the editor's script needs them."""
    return map(as_json, images_in(form))


def images_in(form: Any) -> list[Image]:
    body = clean(str(form["body"].value() or "")) if "body" in form.fields else ""
    chosen = [parse_id(form[name].value()) for name in ("lead", "social_image") if name in form.fields]
    images = Image.objects.filter(uuid__in=image_uuids(body))
    if pks := [pk for pk in chosen if pk is not None]:
        images |= Image.objects.filter(pk__in=pks)
    return list(images.prefetch_related("renditions"))


def word_count(item: Any) -> int:
    return count_words(parse(clean(item.body)))
