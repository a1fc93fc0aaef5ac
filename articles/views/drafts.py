"""A draft for somebody outside of the newsroom, by a link that was made for them; and what they say of it."""

import copy
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from articles.access import Level
from articles.forms.remarks import OutsideForm
from articles.models import ShareLink
from articles.previews.articles import Proof, Reader, context_of
from articles.services.sharing import Full, remark_from_outside
from truthlytics.web.fragments import apart
from truthlytics.web.rate_limits import client_address, spend

GUEST = Reader(Level.SUPPORTER, "Whoever has the link")
TOO_MANY = "That was many remarks within a few minutes. Wait a little, then send this one again: it is kept below."
SHOWN = 50


def _by_link(referrer: str) -> Callable[..., Callable[..., HttpResponse]]:
    """The view gets the link that the token in the address belongs to, for as long as it is open.

    Every answer is for nobody's cache and no search engine, and says no more of its address than `referrer` allows.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: HttpRequest, token: str) -> HttpResponse:
            stranger: Any = copy.copy(request)
            stranger.user, stranger.access = AnonymousUser(), GUEST
            with apart():
                response = _answer(view, stranger, token)
            response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
            response.headers["Cache-Control"] = "private, no-store"
            response.headers["Referrer-Policy"] = referrer
            return response

        return wrapper

    return decorate


def _answer(view: Callable[..., HttpResponse], request: HttpRequest, token: str) -> HttpResponse:
    if not spend("draft", client_address(request), limit=120, seconds=60):
        return render(request, "429.html", status=429)
    links = ShareLink.objects.of_token(token)
    link = links.open().select_related("article").first()
    if link is None:
        return render(request, "articles/draft_gone.html", status=410 if links.exists() else 404)
    return view(request, link)


@_by_link("no-referrer")
@require_safe
def draft(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """The draft as it was saved last, all of it, drawn as it would be published."""
    return render(request, "articles/draft.html", {"link": link, **context_of(Proof(link.article), GUEST)})


# A browser that is told to name no referrer names no origin either, and a form could not be told from a forged one.
@_by_link("same-origin")
@require_http_methods(["GET", "HEAD", "POST"])
def draft_remarks(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """What was said by this link so far, and a form to say more."""
    form = OutsideForm(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("articles:draft_remarks", link.token)  # a program: it need not know why
        if not spend("outside-remark", client_address(request), limit=10, seconds=600):
            form.add_error(None, TOO_MANY)
            status = 429
        else:
            try:
                _leave(link, form)
            except Full as full:
                form.add_error(None, str(full))
            else:
                return redirect("articles:draft_remarks", link.token)
    said = link.remarks.openings().order_by("-made_at", "-pk")[:SHOWN]
    return render(request, "articles/draft_remarks.html", {"link": link, "form": form, "said": said}, status=status)


def _leave(link: ShareLink, form: OutsideForm) -> None:
    data = form.cleaned_data
    remark_from_outside(link=link, name=data["name"], text=data["text"], anchor=form.anchor, key=data["key"])
