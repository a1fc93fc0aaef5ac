"""One line to everything: articles, people, pictures, rooms and deeds. Each is looked for as its room shows it.

A room's own queryset is asked, so nobody finds what they cannot open: an author only their own drafts, and the address
of a reader only who may see people.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Case, Max, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse

from articles.models import Article, Author, Dossier, Image, Revision, Topic
from subscriptions.models import User
from truthlytics.web.text import strip_control_characters

LONGEST, MOST_WORDS = 100, 6
RECENT = 6


@dataclass(frozen=True, slots=True)
class Found:
    name: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    items: list[Found]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one room: the columns that words are looked for in (the first is the name), and what is said of it."""

    group: str
    model: type[Any]
    columns: tuple[str, ...]
    number: int
    said: Callable[[Any], str]
    defer: tuple[str, ...] = ()


KINDS = (
    Kind("Articles", Article, ("headline",), 8, lambda article: _state(article), ("body", "standfirst")),
    Kind("Authors", Author, ("name",), 4, lambda author: author.role or "Author", ("bio",)),
    Kind("People", User, ("display_name", "email"), 4, lambda user: user.email),
    Kind("Pictures", Image, ("title", "alt", "credit"), 4, lambda image: image.credit),
    Kind("Dossiers", Dossier, ("title",), 3, lambda dossier: "Dossier", ("summary",)),
    Kind("Topics", Topic, ("name",), 3, lambda topic: "Topic"),
)
# What can be begun from anywhere: its name, its address, and the right that it takes.
DEEDS = (
    ("New article", "admin:articles_article_add", "articles.add_article"),
    ("Upload a picture", "admin:articles_image_add", "articles.add_image"),
    ("New dossier", "admin:articles_dossier_add", "articles.add_dossier"),
    ("New topic", "admin:articles_topic_add", "articles.add_topic"),
)


def tidy(q: str) -> str:
    """What was typed, as far as anything is looked for."""
    return " ".join(strip_control_characters(q[: 2 * LONGEST]).split())[:LONGEST].strip()


def find(request: HttpRequest, site: AdminSite, rooms: Iterable[dict[str, Any]], q: str) -> list[Group]:
    """What `q` may mean to this person, the likeliest first; without words, what they worked on last."""
    q = tidy(q)
    places = Group("Go to", [*_rooms(rooms, q), *_deeds(request, q)])
    if not q:
        return _kept([_recent(request, site), places])
    return _kept([places, *(_rows(request, site, kind, q) for kind in KINDS)])


def _kept(groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if group.items]


def _rows(request: HttpRequest, site: AdminSite, kind: Kind, q: str) -> Group:
    rows = _of_room(request, site, kind.model)
    for word in q.split()[:MOST_WORDS]:
        rows = rows.filter(_any(kind.columns, "icontains", word))
    name = kind.columns[0]
    # The name itself, a name that begins so, a name in which a word begins so; then whatever holds the words.
    near = [
        When(_any(kind.columns, "iexact", q), then=Value(0)),
        When(Q(**{f"{name}__istartswith": q}), then=Value(1)),
        When(Q(**{f"{name}__icontains": f" {q}"}), then=Value(2)),
    ]
    ranked = rows.annotate(nearness=Case(*near, default=Value(3))).order_by("nearness", "-pk").defer(*kind.defer)
    return Group(kind.group, [_found(row, kind.said(row)) for row in ranked[: kind.number]])


def _any(columns: tuple[str, ...], how: str, words: str) -> Q:
    asked = Q()
    for column in columns:
        asked |= Q(**{f"{column}__{how}": words})
    return asked


def _of_room(request: HttpRequest, site: AdminSite, model: type[Any]) -> QuerySet[Any]:
    """The rows that this person meets in the room of `model`; none where the room is closed to them."""
    room = site._registry.get(model)
    if room is None or not room.has_view_permission(request):
        return model._default_manager.none()  # type: ignore[no-any-return]
    return room.get_queryset(request).prefetch_related(None).select_related(None)


def _found(row: Any, said: str) -> Found:
    return Found(str(row), said, reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))


def _state(article: Article) -> str:
    state = article.state()
    if state == "draft":
        return article.get_stage_display()
    return "Change waits" if state == "changing" else state.capitalize()


def _recent(request: HttpRequest, site: AdminSite) -> Group:
    """The articles that this person saved last."""
    saved = Revision.objects.filter(created_by=request.user.pk).order_by().values("article").annotate(last=Max("pk"))
    keys = [row["article"] for row in saved.order_by("-last")[:RECENT]]
    articles = _of_room(request, site, Article).defer("body", "standfirst").in_bulk(keys)
    return Group("Recent", [_found(articles[key], _state(articles[key])) for key in keys if key in articles])


def _rooms(rooms: Iterable[dict[str, Any]], q: str) -> list[Found]:
    here = [Found("Desk", "Newsroom", reverse("admin:index"))]
    here += [Found(room["name"], "Newsroom", room["url"]) for room in rooms]
    return [room for room in here if _begins(room.name, q)]


def _deeds(request: HttpRequest, q: str) -> list[Found]:
    may = [(name, address) for name, address, right in DEEDS if request.user.has_perm(right)]
    return [Found(name, "Do", reverse(address)) for name, address in may if _begins(name, q)]


def _begins(name: str, q: str) -> bool:
    """Whether each word of `q` begins one of `name`."""
    words = re.findall(r"\w+", name.casefold())
    return all(any(word.startswith(part) for word in words) for part in q.casefold().split())
