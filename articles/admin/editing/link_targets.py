"""Pages of the site that the editor's link dialog offers, found by words of their titles."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.models import Article, Dossier, Page
from articles.models.publishable import not_withdrawn
from truthlytics.web.text import strip_control_characters

MAX_QUERY_LENGTH, MAX_WORDS = 100, 6
MAX_ARTICLES, MAX_OTHERS = 8, 3


@require_safe
def search_view(request: HttpRequest, admin: BaseAdmin) -> JsonResponse:
    """Return what is public, and drafts that the user may open, newest first."""
    if not admin.has_change_permission(request):
        raise PermissionDenied
    words = strip_control_characters(request.GET.get("q", "")[:MAX_QUERY_LENGTH]).split()[:MAX_WORDS]
    now = timezone.now()
    public = Article.objects.filter(not_withdrawn(now), published_at__lte=now).order_by("-published_at", "-pk")
    items = [_item(article, _("Article")) for article in _matching(public, "headline", words)[:MAX_ARTICLES]]
    if words:
        # An article that was never saved has no URL yet.
        unsaved = models.Q(revision_number=0, slug__startswith="draft-")
        drafts = admin.get_queryset(request).filter(published_at=None).exclude(unsaved)
        found = _matching(drafts.order_by("-updated_at", "-pk"), "headline", words)[: MAX_ARTICLES - len(items)]
        items += [_item(article, _("Draft, not public yet")) for article in found]
        for model, column, kind in ((Page, "headline", _("Page")), (Dossier, "title", _("Dossier"))):
            rows: Any = model._default_manager
            items += [_item(row, kind) for row in _matching(rows.published(now), column, words)[:MAX_OTHERS]]
    return JsonResponse({"items": items})


def _matching(rows: models.QuerySet[models.Model], column: str, words: list[str]) -> models.QuerySet[models.Model]:
    for word in words:
        rows = rows.filter(**{f"{column}__icontains": word})
    return rows.select_related(None).only(column, "slug")


def _item(row: Any, kind: str) -> dict[str, str]:
    return {"title": str(row), "href": row.get_absolute_url(), "kind": kind}
