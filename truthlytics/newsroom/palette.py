"""Search of the command palette: actions, pages, settings, and the rows of the newsroom, published or not.

Uses the queryset of each model's admin, so users only find what they may open. What has no row is listed in
palette_entries.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db import models
from django.db.models import Case, Max, Q, Value, When
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.access import Level
from articles.models import (
    Article,
    Author,
    Document,
    Dossier,
    Image,
    Page,
    PageVersion,
    Revision,
    Section,
    Series,
    Topic,
    Version,
)
from articles.search import SearchTimeout, find
from articles.search.newsroom import candidates
from subscriptions.models import Coupon, Plan, User
from truthlytics.newsroom.palette_entries import (
    ACTIONS,
    ADDING,
    FILLERS,
    NAVIGATION_WORDS,
    OWN_PAGES,
    SETTINGS_WORDS,
    SITE_PAGES,
    Entry,
)
from truthlytics.newsroom.settings_pages import page_url, settings_admins
from truthlytics.web.plugins import newsroom_actions
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import AnyRows, JsonObject
from truthlytics.web.word_index import words_of

MAX_QUERY_LENGTH, MAX_WORDS = 100, 6
MAX_RECENT, MAX_SETTINGS, MAX_PUBLISHED, MAX_IN_TEXT = 6, 8, 8, 5


@dataclass(frozen=True, slots=True)
class Result:
    name: str | Promise
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Target:
    """A result that is found by its name or by other words for it."""

    result: Result
    words: str = ""
    risky: bool = False


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
    SearchableModel(
        gettext_lazy("Pages"),
        Page,
        ("headline", "slug"),
        4,
        lambda page: f"/pages/{page.slug}/",
        ("body", "standfirst"),
    ),
    SearchableModel(gettext_lazy("Authors"), Author, ("name",), 4, lambda author: author.role or _("Author"), ("bio",)),
    SearchableModel(gettext_lazy("Users"), User, ("display_name", "email"), 4, lambda user: user.email),
    SearchableModel(gettext_lazy("Images"), Image, ("title", "alt", "credit"), 4, lambda image: image.credit),
    SearchableModel(gettext_lazy("Documents"), Document, ("title",), 3, lambda document: document.credit),
    SearchableModel(gettext_lazy("Dossiers"), Dossier, ("title",), 3, lambda dossier: _("Dossier"), ("summary",)),
    SearchableModel(gettext_lazy("Series"), Series, ("name",), 3, lambda series: _("Series")),
    SearchableModel(gettext_lazy("Sections"), Section, ("name",), 3, lambda section: _("Section")),
    SearchableModel(gettext_lazy("Topics"), Topic, ("name",), 3, lambda topic: _("Topic")),
    SearchableModel(gettext_lazy("Plans and prices"), Plan, ("name",), 3, lambda plan: _("Plan")),
    SearchableModel(gettext_lazy("Coupons"), Coupon, ("code",), 3, lambda coupon: _("Coupon")),
)


def normalise(q: str) -> str:
    """Return the query without control characters and extra spaces, cut to the maximum length."""
    return " ".join(strip_control_characters(q[: 2 * MAX_QUERY_LENGTH]).split())[:MAX_QUERY_LENGTH].strip()


def search(request: HttpRequest, site: AdminSite, nav_items: Iterable[JsonObject], q: str) -> list[Group]:
    """Return the results for `q`, best match first; for an empty query, the articles the user saved last."""
    q = normalise(q)
    navigation = _navigation(nav_items)
    if not q:
        actions = _actions(request)
        groups = [_recent(request, site), Group(_("Go to"), [target.result for target in (*navigation, *actions)])]
        return [group for group in groups if group.items]
    own = _allowed(request, OWN_PAGES, _("Your account"))
    public = _allowed(request, SITE_PAGES, _("On the site"))
    actions = _actions(request)
    groups = [
        Group(_("Go to"), _best([*navigation, *actions, *own, *public], q)),
        Group(_("Settings"), _best(_settings(request, site), q)[:MAX_SETTINGS]),
        *(_rows(request, site, searchable, q) for searchable in MODELS),
        _published(request, site, q),
    ]
    return [*_without_repetitions(groups), *_in_text(request, site, q, groups)]


def _without_repetitions(groups: Iterable[Group]) -> list[Group]:
    """Return the groups that have results, each address once."""
    seen: set[str] = set()
    found = []
    for group in groups:
        # Several actions of a group may lead to one page.
        items = [item for item in group.items if item.url not in seen]
        seen |= {item.url for item in items}
        if items:
            found.append(Group(group.name, items))
    return found


def _in_text(request: HttpRequest, site: AdminSite, q: str, found: Iterable[Group]) -> list[Group]:
    """Return the published articles with the words anywhere in their text, without those found already."""
    if not site.get_model_admin(Article).has_view_permission(request):
        return []
    known = {item.url for group in found for item in group.items}
    try:
        versions = find(q, level=Level.SUPPORTER, best=True, size=MAX_IN_TEXT).versions
    except SearchTimeout:
        return []
    # By the article of the version: for “live or upcoming”, SQLite reads the whole archive.
    ids = Version.objects.filter(pk__in=versions).values("article")
    found_articles = _visible_rows(request, site, Article).filter(pk__in=ids).defer("body")
    rank = {version: number for number, version in enumerate(versions)}
    articles = sorted(found_articles, key=lambda row: rank.get(row.live_id, rank.get(row.upcoming_id, 0)))
    results = [_result(article, _state(article)) for article in articles]
    items = [result for result in results if result.url not in known]
    return [Group(_("In the text"), items)] if items else []


def _rows(request: HttpRequest, site: AdminSite, searchable: SearchableModel, q: str) -> Group:
    rows = _visible_rows(request, site, searchable.model)
    if searchable.model is Article:
        rows = candidates(rows, words_of(q))
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


def _visible_rows(request: HttpRequest, site: AdminSite, model: type[Any]) -> AnyRows:
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


def _published(request: HttpRequest, site: AdminSite, q: str) -> Group:
    """Return the public articles and pages that the user finds only on the site, by their public titles."""
    now, words = timezone.now(), q.casefold().split()[:MAX_WORDS]
    results = []
    if not request.user.has_perm("articles.publish_article"):
        articles = Article.objects.listed(now).order_by("-published_at", "-pk")
        for word in words:
            articles = articles.filter(_any_column(("live__headline", "upcoming__headline"), "icontains", word))
        found = [(article.served(now).headline, article.get_absolute_url()) for article in articles[:MAX_PUBLISHED]]
        results += [Result(headline, _("Article"), url) for headline, url in found if _contains(headline, words)]
    if not site.get_model_admin(Page).has_view_permission(request):
        # A publication has a few dozen pages.
        for version in PageVersion.objects.served(now).select_related("page"):
            headline = json.loads(version.content)["headline"]
            if _contains(headline, words):
                results.append(Result(headline, _("Page"), version.page.get_absolute_url()))
    return Group(_("On the site"), results)


def _contains(text: str, words: Iterable[str]) -> bool:
    return all(word in text.casefold() for word in words)


def _navigation(nav_items: Iterable[JsonObject]) -> list[Target]:
    dashboard = Result(_("Dashboard"), _("Newsroom"), reverse("admin:index"))
    items = [
        Target(Result(item["name"], _("Newsroom"), item["url"]), item["words"] or _found_by(item["url_name"]))
        for item in nav_items
    ]
    return [Target(dashboard, NAVIGATION_WORDS["admin:index"]), *items]


def _found_by(url_name: str) -> str:
    return NAVIGATION_WORDS.get(url_name, "")


def _actions(request: HttpRequest) -> list[Target]:
    """Return what the user may do, with what features and plug-ins add. A page that does not exist is left out."""
    added = []
    for action in newsroom_actions():
        try:
            reverse(action.url_name)
        except NoReverseMatch:
            continue
        added.append(Entry(action.name, action.url_name, action.permission, action.words))
    return _allowed(request, [*ACTIONS, *added], _("Action"))


def _allowed(request: HttpRequest, entries: Iterable[Entry], kind: str) -> list[Target]:
    return [
        Target(Result(entry.name, kind, reverse(entry.url_name)), _words_of(entry), entry.risky)
        for entry in entries
        if not entry.permission or request.user.has_perm(entry.permission)
    ]


def _words_of(entry: Entry) -> str:
    return f"{entry.words} {ADDING}" if entry.url_name.endswith("_add") else entry.words


def _settings(request: HttpRequest, site: AdminSite) -> list[Target]:
    """Return the sections and fields of the pages of settings."""
    targets: list[Target] = []
    listed: set[str] = set()
    for page in settings_admins(site):
        if not page.has_change_permission(request):
            continue
        url = page_url(page)
        for section, options in page.get_fieldsets(request):
            # A page that shows something else than fields, such as that of the record, inherits those of the first.
            fields = [name for name in options["fields"] if name not in {*page.readonly_fields, *listed}]
            if not fields:
                continue
            listed |= {*fields}
            section = section or page.page_name
            targets.append(Target(Result(section, _("Settings"), f"{url}#id_{fields[0]}")))
            for name in fields:
                label = capfirst(page.model._meta.get_field(name).verbose_name)
                targets.append(Target(Result(label, section, f"{url}#id_{name}"), SETTINGS_WORDS.get(name, "")))
    return targets


def _best(targets: Iterable[Target], q: str) -> list[Result]:
    """Return the results that match, those by their name before those by other words for them."""
    by_name, by_words = [], []
    for target in targets:
        name = str(target.result.name)
        if target.risky:
            if q.casefold() in {name.casefold(), *target.words.split(", ")}:
                by_name.append(target.result)
        elif _matches(name, q):
            by_name.append(target.result)
        elif _matches(f"{name} {target.words}", q):
            by_words.append(target.result)
    return by_name + by_words


def _matches(text: str, q: str) -> bool:
    """Return whether each word of `q` that says something is the beginning of a word of `text`."""
    words, wanted = re.findall(r"\w+", text.casefold()), re.findall(r"\w+", q.casefold())
    wanted = [word for word in wanted if word not in FILLERS] or wanted or [q]
    return all(any(word.startswith(part) for word in words) for part in wanted)
