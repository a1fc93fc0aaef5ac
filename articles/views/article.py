"""The page of an article."""

from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.models import Article
from articles.presenters.article import ArticlePage
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import cached_page, public_page
from truthlytics.web.read_counter import read_of


@public_page(tags=["sections"])
@require_safe
@gone_if_withdrawn(Article)
def article(request: ReaderRequest, slug: str) -> HttpResponse:
    page = ArticlePage(slug, timezone.now())
    summary = fragment("article", slug, make=page.summary)
    decision = decide(summary, request.access)
    full_access = decision.allowed and summary.required_level > 0
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
        current_section=summary.section,
    )
    # Further pages of comments belong to the same read.
    return response if "comments" in request.GET else read_of(response, summary.pk)
