"""Pages for readers as they look with the draft of a design."""

import copy
import re
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from articles.access import ReaderRequest
from articles.models import Article
from articles.previews.articles import READERS
from articles.views import lists
from articles.views.article import article
from truthlytics.publication import get_publication
from truthlytics.publication.current import preview_as
from truthlytics.publication.design import Design
from truthlytics.publication.design_editions import DesignDraft
from truthlytics.publication.language import site_language
from truthlytics.web.fragments import bypass_fragment_cache
from truthlytics.web.users import user_of

# By parameter of the query: its label, and its values.
OPTIONS: dict[str, tuple[str | Promise, dict[str, str | Promise]]] = {
    "page": (
        gettext_lazy("Page"),
        {"front": gettext_lazy("Front page"), "article": gettext_lazy("Article"), "list": gettext_lazy("List")},
    ),
    "width": (gettext_lazy("Width"), {"desk": gettext_lazy("Desktop"), "phone": gettext_lazy("Phone")}),
    "mode": (gettext_lazy("Mode"), {"light": gettext_lazy("Light"), "dark": gettext_lazy("Dark")}),
}
CSS = "admin:truthlytics_designsettings_preview_css"
# The frame runs no scripts and opens no windows, so links do nothing. Browsers report each attempt.
ACTIVE = re.compile(r"<script[^>]* src=[^>]*></script>|\sautofocus\b")
INERT = '<head><meta name="robots" content="noindex"><base target="_blank">'


def chosen_in(query: QueryDict) -> dict[str, str]:
    """Return the value of each of `OPTIONS` in `query`, or its first one."""
    return {
        name: value if (value := query.get(name, "")) in values else next(iter(values))
        for name, (_label, values) in OPTIONS.items()
    }


def rows_of(chosen: dict[str, str]) -> list[tuple[str | Promise, list[tuple[str | Promise, bool, dict[str, str]]]]]:
    """Return a label and the choices of each option: the text, whether it is chosen, and the query that chooses it."""
    return [
        (label, [(text, chosen[name] == value, chosen | {name: value}) for value, text in values.items()])
        for name, (label, values) in OPTIONS.items()
    ]


def draft_of(request: HttpRequest) -> Design:
    """Return the draft of the logged-in publisher, or the design that readers see."""
    draft = DesignDraft.objects.filter(user=user_of(request)).first()
    return draft.design if draft else get_publication().look


def render_page(request: HttpRequest, name: str) -> HttpResponse:
    """Render a page of `OPTIONS` as a visitor would see it, in the mode that the query chooses."""
    design, publication = draft_of(request), copy.copy(get_publication())
    design.apply(publication)
    publication.theme_url = f"{reverse(CSS)}?{design.digest}" if design.digest else ""
    with preview_as(publication), bypass_fragment_cache(), site_language():
        shown = _respond(_as_visitor(request), name)
    mode = chosen_in(request.GET)["mode"]
    html = ACTIVE.sub("", shown.content.decode())
    html = html.replace("<head>", INERT, 1).replace("<html ", f'<html data-theme="{mode}" ', 1)
    # A new response, without what says how to cache and count the page.
    return HttpResponse(html, status=shown.status_code)


def _as_visitor(request: HttpRequest) -> ReaderRequest:
    visitor: Any = copy.copy(request)
    visitor.user, visitor.access = AnonymousUser(), READERS["anybody"]
    visitor.COOKIES, visitor.GET = {}, QueryDict()
    as_visitor: ReaderRequest = visitor
    return as_visitor


def _respond(visitor: ReaderRequest, name: str) -> HttpResponse:
    if name == "front":
        return lists.front(visitor)
    newest = Article.objects.published(timezone.now()).order_by("-published_at").first() if name == "article" else None
    return article(visitor, newest.slug) if newest else lists.latest(visitor)
