"""Search of the command palette: articles, users, images, admin sections and actions.

Uses the queryset of each model's admin, so users only find what they may open.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db import models
from django.db.models import Case, Max, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article, Author, Dossier, Image, Revision, Topic
from subscriptions.models import User
from truthlytics.web.text import strip_control_characters

MAX_QUERY_LENGTH, MAX_WORDS = 100, 6
MAX_RECENT = 6


@dataclass(frozen=True, slots=True)
class Result:
    name: str | Promise
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str | Promise
    items: list[Result]


@dataclass(frozen=True, slots=True)
class SearchableModel:
    """A model to search.

    `columns` are the columns to search, the first being the name; `limit` is the number of results; `kind` returns
    the description of a row.
    """

    group: str | Promise
    model: type[Any]
    columns: tuple[str, ...]
    limit: int
    kind: Callable[[Any], str]
    defer: tuple[str, ...] = ()


MODELS = (
    SearchableModel(
        gettext_lazy("Articles"), Article, ("headline",), 8, lambda article: _state(article), ("body", "standfirst")
    ),
    SearchableModel(gettext_lazy("Authors"), Author, ("name",), 4, lambda author: author.role or _("Author"), ("bio",)),
    SearchableModel(gettext_lazy("Users"), User, ("display_name", "email"), 4, lambda user: user.email),
    SearchableModel(gettext_lazy("Images"), Image, ("title", "alt", "credit"), 4, lambda image: image.credit),
    SearchableModel(gettext_lazy("Dossiers"), Dossier, ("title",), 3, lambda dossier: _("Dossier"), ("summary",)),
    SearchableModel(gettext_lazy("Topics"), Topic, ("name",), 3, lambda topic: _("Topic")),
)
# Name, URL name and required permission.
ACTIONS = (
    (gettext_lazy("New article"), "admin:articles_article_add", "articles.add_article"),
    (gettext_lazy("Upload an image"), "admin:articles_image_add", "articles.add_image"),
    (gettext_lazy("New dossier"), "admin:articles_dossier_add", "articles.add_dossier"),
    (gettext_lazy("New topic"), "admin:articles_topic_add", "articles.add_topic"),
)


def normalise(q: str) -> str:
    """Return the query without control characters and extra spaces, cut to the maximum length."""
    return " ".join(strip_control_characters(q[: 2 * MAX_QUERY_LENGTH]).split())[:MAX_QUERY_LENGTH].strip()


def search(request: HttpRequest, site: AdminSite, nav_items: Iterable[dict[str, object]], q: str) -> list[Group]:
    """Return the results for `q`, best match first; for an empty query, the articles the user saved last."""
    q = normalise(q)
    pages = Group(_("Go to"), [*_sections(nav_items, q), *_actions(request, q)])
    if q:
        groups = [pages, *(_rows(request, site, searchable, q) for searchable in MODELS)]
    else:
        groups = [_recent(request, site), pages]
    return [group for group in groups if group.items]


def _rows(request: HttpRequest, site: AdminSite, searchable: SearchableModel, q: str) -> Group:
    rows = _visible_rows(request, site, searchable.model)
    for word in q.split()[:MAX_WORDS]:
        rows = rows.filter(_any_column(searchable.columns, "icontains", word))
    name = searchable.columns[0]
    # Exact matches, then names that start with the query, then names with a word that does, then all others.
    rank = Case(
        When(_any_column(searchable.columns, "iexact", q), then=Value(0)),
        When(Q(**{f"{name}__istartswith": q}), then=Value(1)),
        When(Q(**{f"{name}__icontains": f" {q}"}), then=Value(2)),
        default=Value(3),
    )
    ranked = rows.annotate(rank=rank).order_by("rank", "-pk").defer(*searchable.defer)
    return Group(searchable.group, [_result(row, searchable.kind(row)) for row in ranked[: searchable.limit]])


def _any_column(columns: tuple[str, ...], lookup: str, value: str) -> Q:
    condition = Q()
    for column in columns:
        condition |= Q(**{f"{column}__{lookup}": value})
    return condition


def _visible_rows(request: HttpRequest, site: AdminSite, model: type[Any]) -> QuerySet[Any]:
    """Return the rows that the user sees in the admin of `model`."""
    if not site.is_registered(model) or not site.get_model_admin(model).has_view_permission(request):
        return model._default_manager.none()  # type: ignore[no-any-return]
    model_admin = site.get_model_admin(model)
    return model_admin.get_queryset(request).prefetch_related(None).select_related(None)


def _result(row: models.Model, kind: str) -> Result:
    return Result(str(row), kind, reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))


def _state(article: Article) -> str:
    state = article.state()
    if state == "draft":
        return article.get_stage_display()
    return _("Update scheduled") if state == "changing" else state.capitalize()


def _recent(request: HttpRequest, site: AdminSite) -> Group:
    """Return the articles that the user saved last."""
    revisions = Revision.objects.filter(created_by=request.user.pk).order_by()
    latest = revisions.values("article").annotate(last=Max("pk")).order_by("-last")[:MAX_RECENT]
    pks = [row["article"] for row in latest]
    articles = _visible_rows(request, site, Article).defer("body", "standfirst").in_bulk(pks)
    return Group(_("Recent"), [_result(articles[pk], _state(articles[pk])) for pk in pks if pk in articles])


def _sections(nav_items: Iterable[dict[str, Any]], q: str) -> list[Result]:
    sections = [Result(_("Dashboard"), _("Newsroom"), reverse("admin:index"))]
    sections += [Result(item["name"], _("Newsroom"), item["url"]) for item in nav_items]
    return [section for section in sections if _matches(section.name, q)]


def _actions(request: HttpRequest, q: str) -> list[Result]:
    allowed = [(name, url_name) for name, url_name, permission in ACTIONS if request.user.has_perm(permission)]
    return [Result(name, _("Action"), reverse(url_name)) for name, url_name in allowed if _matches(name, q)]


def _matches(name: str | Promise, q: str) -> bool:
    """Return whether each word of `q` is the beginning of a word of `name`."""
    words = re.findall(r"\w+", str(name).casefold())
    return all(any(word.startswith(part) for word in words) for part in q.casefold().split())
