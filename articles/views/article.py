"""The page of an article."""

from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide, may_give
from articles.models import Article, GiftLink
from articles.models.gift_links import PARAMETER
from articles.presenters.article import ArticlePage
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import PRIVATE, cached_page, public_page
from truthlytics.web.read_counter import is_read, read_of


@require_safe
def article(request: ReaderRequest, slug: str) -> HttpResponse:
    token = request.GET.get(PARAMETER)
    return _shared_page(request, slug) if token is None else _page_with_gift_link(request, slug, token)


def _page_with_gift_link(request: ReaderRequest, slug: str, token: str) -> HttpResponse:
    """Respond with the article as the gift link with `token` opens it. Anyone with the address could read it.

    So no cache stores the page, no search engine lists it, and no other site receives the address.
    """
    response = _page(request, slug, token)
    response.headers["Cache-Control"] = PRIVATE
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@gone_if_withdrawn(Article)
def _page(request: ReaderRequest, slug: str, token: str | None = None) -> HttpResponse:
    now = timezone.now()
    page = ArticlePage(slug, now)
    summary = fragment("article", slug, make=page.summary)
    link = GiftLink.objects.of_token(token).filter(article=summary.pk).first() if token else None
    decision = decide(summary, request.access, gift_level=link.level if link and link.is_valid(now) else 0)
    full_access = decision.allowed and summary.required_level > 0
    if link and decision.reason == "gift" and _is_read(request):
        link.count_open()
    response = cached_page(
        request,
        "articles/article.html",
        "article",
        summary.version_id,
        make=partial(page.context, full_access=full_access),
        tags=[f"article:{summary.pk}"],
        summary=summary,
        decision=decision,
        full_access=full_access,
        given=decision.reason == "gift",
        gift_problem="" if token is None or decision.allowed else "expired" if link else "invalid",
        may_give=may_give(summary, request.access),
        current_section=summary.section,
    )
    # Further pages of comments belong to the same read.
    return response if _is_page_of_comments(request) else read_of(response, summary.pk)


def _is_read(request: ReaderRequest) -> bool:
    return request.method == "GET" and not _is_page_of_comments(request) and is_read(request.META)


def _is_page_of_comments(request: ReaderRequest) -> bool:
    return not {"comments", "sort"}.isdisjoint(request.GET)


_shared_page = public_page(tags=["sections"])(_page)
