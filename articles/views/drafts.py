"""Shared drafts: preview links for people outside the newsroom, and their remarks."""

import copy
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from articles.access import Level
from articles.forms.remarks import GuestRemarkForm
from articles.models import Article, ShareLink
from articles.previews.articles import ArticlePreview, PreviewReader, article_preview_context
from articles.services.sharing import LimitReachedError, add_external_remark
from truthlytics.web.fragments import bypass_fragment_cache
from truthlytics.web.rate_limits import client_ip, consume, failed_too_often, record_failure

GUEST = PreviewReader(Level.SUPPORTER, _("Anyone with the link"))
TOO_MANY = _("You’ve sent too many remarks in a few minutes. Your text is below. Wait a little, then send it again.")
MAX_REMARKS = 50


def _share_link_view(referrer: str) -> Callable[..., Callable[..., HttpResponse]]:
    """Resolve the token in the URL and pass the share link to the view, while it is valid.

    Responses are not cached or indexed, and have `referrer` as their referrer policy.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: HttpRequest, token: str) -> HttpResponse:
            with bypass_fragment_cache():
                response = _respond(view, request, token)
            response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
            response.headers["Cache-Control"] = "private, no-store"
            response.headers["Referrer-Policy"] = referrer
            return response

        return wrapper

    return decorate


def _respond(view: Callable[..., HttpResponse], request: HttpRequest, token: str) -> HttpResponse:
    if failed_too_often(request, "draft", limit=120, seconds=60):
        return render(request, "429.html", status=429)
    links = ShareLink.objects.of_token(token)
    link = links.active().select_related("article").first()
    if link is None:
        record_failure(request, "draft", seconds=60)
        ended = links.select_related("article").first()
        article = Article.objects.published().filter(pk=ended.article_id).first() if ended else None
        return render(request, "articles/draft_link_invalid.html", {"article": article}, status=410 if ended else 404)
    guest_request: Any = copy.copy(request)
    guest_request.user, guest_request.access = AnonymousUser(), GUEST
    return view(guest_request, link)


@_share_link_view("no-referrer")
@require_safe
def draft(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """Show the whole draft as last saved, rendered as it would be published."""
    return render(
        request, "articles/draft.html", {"link": link, **article_preview_context(ArticlePreview(link.article), GUEST)}
    )


# With "no-referrer", browsers send no Origin header either, and the CSRF check would fail.
@_share_link_view("same-origin")
@require_http_methods(["GET", "HEAD", "POST"])
def draft_remarks(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """List the remarks left through this link, and accept new ones."""
    form = GuestRemarkForm(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("articles:draft_remarks", link.token)  # a bot: do not reveal why
        if not consume("outside-remark", client_ip(request), limit=10, seconds=600):
            form.add_error(None, TOO_MANY)
            status = 429
        else:
            try:
                _leave_remark(link, form)
            except LimitReachedError as error:
                form.add_error(None, str(error))
            else:
                return redirect("articles:draft_remarks", link.token)
    remarks = link.remarks.top_level().order_by("-created_at", "-pk")[:MAX_REMARKS]
    context = {"link": link, "form": form, "remarks": remarks}
    return render(request, "articles/draft_remarks.html", context, status=status)


def _leave_remark(link: ShareLink, form: GuestRemarkForm) -> None:
    data = form.cleaned_data
    add_external_remark(link=link, name=data["name"], text=data["text"], anchor=form.anchor, key=data["key"])
