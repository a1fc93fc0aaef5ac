"""Giving articles: a reader’s link to one article, and the list of their links."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from articles.access import Level, ReaderRequest, may_give
from articles.models import Article, GiftLink
from articles.seo.meta import absolute_url
from articles.services.gift_links import NoneLeftError, give
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.cursor_pagination import page
from truthlytics.web.rate_limits import allow

SIZE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@gone_if_withdrawn(Article)
def gift_link(request: ReaderRequest, slug: str) -> HttpResponse:
    """POST creates the reader’s link to the article; GET shows it, or asks."""
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now).with_versions(), slug=slug)
    version = article.as_served(now)
    if version.required_level == Level.EVERYONE:
        raise Http404("Everyone can read this article.")
    allowed = may_give(version, request.access)
    if request.method == "POST" and allowed:
        if not allow(request, "gift-link", per_account=60, per_address=120, seconds=3600):
            messages.error(request, _("You have asked for many gift links in the last hour. Please try again later."))
        else:
            try:
                give(article=article, giver=request.user, level=version.required_level, now=now)
            except NoneLeftError:
                pass  # the page explains it
        return redirect("articles:gift_link", slug)
    links = GiftLink.objects.of(request.user)
    link = links.valid(now).filter(article=article, level__gte=version.required_level).first()
    context = {
        "article": article,
        "version": version,
        "link": link,
        "address": absolute_url(link.get_absolute_url()) if link else "",
        "allowed": allowed,
        "left": links.left(now),
    }
    return render(request, "articles/gift_link.html", context, status=403 if request.method == "POST" else 200)


@require_safe
@login_required
def gift_links(request: ReaderRequest) -> HttpResponse:
    """List the reader’s gift links, the newest first. Four queries for any number."""
    now, after = timezone.now(), request.GET.get("after", "")
    mine = GiftLink.objects.of(request.user)
    found = page(mine.select_related("article"), after=after, size=SIZE, time="created_at", tie="id")
    published = Article.objects.listed(now).filter(pk__in=[link.article_id for link in found.items])
    versions = {article.pk: article.as_served(now) for article in published}
    links: list[object] = [(link, versions.get(link.article_id)) for link in found.items]
    context = {"page": found, "after": after, "links": links, "now": now, "left": mine.left(now)}
    return render(request, "articles/gift_links.html", context)
