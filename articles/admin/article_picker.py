"""The articles that the dossier editor offers, found by words of their headlines."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.admin.formatting import STATES, short_datetime
from articles.models import Article
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import user_of

MAX_QUERY_LENGTH, MAX_WORDS, MAX_ARTICLES = 100, 6, 10


@require_safe
def search_view(request: HttpRequest, admin: BaseAdmin) -> JsonResponse:
    """Return the articles the user may see, most recently changed first."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    articles = Article.objects.visible_to(user_of(request))
    for word in strip_control_characters(request.GET.get("q", "")[:MAX_QUERY_LENGTH]).split()[:MAX_WORDS]:
        articles = articles.filter(headline__icontains=word)
    now = timezone.now()
    found = articles.exclude(headline="").defer("body").order_by("-updated_at", "-pk")[:MAX_ARTICLES]
    return JsonResponse({"items": [_item(article, article.state(now)) for article in found]})


def _item(article: Article, state: str) -> dict[str, str]:
    at = article.published_at or article.updated_at
    return {"slug": article.slug, "headline": str(article), "details": f"{STATES[state][1]}, {short_datetime(at)}"}
