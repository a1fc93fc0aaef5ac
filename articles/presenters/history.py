"""The public history of an article, dossier or page: its versions as readers count them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import Article, ChangeKind, Dossier, DossierVersion, Page, PageVersion, Version
from articles.models.corrections import fact_sentences
from articles.presenters import bylines
from articles.presenters.comparison import Comparison, compare
from articles.presenters.dossiers import links_to, timeline_of
from articles.seo.jsonld import breadcrumbs
from articles.seo.meta import absolute_url
from truthlytics.publication import get_publication
from truthlytics.web.fragments import add_tags, fragment
from truthlytics.web.types import Content, TemplateContext

PER_PAGE = 30
# What is recorded later than this was published with an earlier date.
PUBLISHING_TAKES = timedelta(minutes=1)


class PublicVersion(NamedTuple):
    """A version that readers have seen. `number` counts those only.

    `removal_reason` says why its text was removed, if it was. `kind` is a ChangeKind, or "" where none was said, and
    `superseded_at` when another note took the place of this one. `changed_facts` are those of `Correction`.
    """

    number: int
    pk: int
    public_from: datetime
    note: str
    removal_reason: str = ""
    created_at: datetime | None = None
    required_level: int = 0
    kind: str = ""
    superseded_at: datetime | None = None
    changed_facts: str = ""

    @property
    def kind_label(self) -> str:
        return str(ChangeKind(self.kind).label) if self.kind else ""

    @property
    def recorded_later(self) -> datetime | None:
        """When it was recorded, if that was later than the date it was published with: imports, mostly."""
        is_later = self.created_at is not None and self.created_at - self.public_from > PUBLISHING_TAKES
        return self.created_at if is_later else None

    @property
    def facts(self) -> str:
        """Sentences about the facts that changed in what the editor called a minor edit."""
        return fact_sentences(self.changed_facts)


class History(NamedTuple):
    """What each request for the history of an item needs, even if the rest of the page is in the fragment cache.

    `name` is "article", "dossier" or "page", and `section` the place in the menus. `versions` are oldest first.
    """

    name: str
    pk: int
    slug: str
    url: str
    headline: str
    language: str
    section: str
    versions: tuple[PublicVersion, ...]

    @property
    def current(self) -> PublicVersion:
        return self.versions[-1]

    @property
    def removed_count(self) -> int:
        """How many versions have lost their text."""
        return sum(bool(version.removal_reason) for version in self.versions)

    def get(self, number: int) -> PublicVersion:
        """Raises Http404 if readers have seen no such version."""
        if not 1 <= number <= len(self.versions):
            raise Http404("There is no version with this number.")
        return self.versions[number - 1]

    def strictest(self, *versions: PublicVersion) -> PublicVersion:
        """Return the one of `versions` and the current version that needs the highest level: access depends on it."""
        return max(*versions, self.current, key=lambda version: version.required_level)

    @property
    def history_url(self) -> str:
        return reverse(f"articles:{self.name}_history", args=[self.slug])

    def comparison_url(self, old: int, new: int) -> str:
        return reverse(f"articles:{self.name}_comparison", args=[self.slug, old, new])

    def version_url(self, number: int) -> str:
        return reverse(f"articles:{self.name}_version", args=[self.slug, number])

    def verification_url(self, number: int = 0) -> str:
        """Return the address at which readers verify a version, without a number the current one."""
        is_current = number in {0, self.current.number}
        return reverse(f"articles:{self.name}_verification", args=[self.slug] if is_current else [self.slug, number])

    def evidence_url(self, number: int) -> str:
        return reverse(f"articles:{self.name}_evidence", args=[self.slug, number])


class ItemKind:
    """How the versions of one kind of item are read. Contents are compared as those of an article."""

    name: str
    model: Any
    version_model: Any
    # What the pages depend on besides `tag`.
    tags: tuple[str, ...] = ("sections",)
    # The columns of a PublicVersion, after its number.
    columns: tuple[Any, ...] = ("pk", "public_from", "note", "removal_reason", "created_at")

    def tag(self, pk: int) -> str:
        """Return the cache tag of everything that shows versions of the item with this primary key."""
        raise NotImplementedError

    def load(self, slug: str, now: datetime) -> History:
        """Raises Http404 if no such item is public."""
        item = self.public(now).filter(slug=slug).first()
        if item is None:
            raise Http404(f"There is no public {self.name} with this address.")
        add_tags(self.tag(item.pk))
        rows = item.versions.was_public(now).order_by("number").values_list(*self.columns)
        versions = [PublicVersion(number, *row) for number, row in enumerate(rows, 1)]
        headline, language, section = self.shown(item, versions[-1], now)
        return History(self.name, item.pk, slug, item.get_absolute_url(), headline, language, section, tuple(versions))

    def public(self, now: datetime) -> Any:
        """Return the items that readers can see."""
        return self.model.objects.published(now)

    def shown(self, item: Any, current: PublicVersion, now: datetime) -> tuple[str, str, str]:
        """Return headline and language of what readers get now, and its place in the menus."""
        content = self.contents([current])[current.pk] or {}
        return content.get("headline") or content.get("title") or str(current.number), "", f"{self.name} {item.slug}"

    def contents(self, versions: Iterable[PublicVersion]) -> dict[int, Content | None]:
        """Return the contents of `versions` by id, None if the text was removed. One query."""
        rows = self.version_model.objects.filter(pk__in=[version.pk for version in versions])
        return {
            pk: json.loads(content) if isinstance(content, str) else content
            for pk, content in rows.order_by().values_list("pk", "content")
        }

    def comparable(self, contents: Mapping[int, Content | None], now: datetime) -> dict[int, Content | None]:
        """Return `contents` in the form of an article's."""
        return dict(contents)

    def names(self, content: Content | None) -> str:
        """Return who answers for a version, as it was published."""
        return get_publication().name


class ArticleKind(ItemKind):
    name = "article"
    model = Article
    version_model = Version
    columns = (
        *ItemKind.columns, "required_level", Coalesce("correction__kind", Value("")),
        "correction__superseded_by__made_at", Coalesce("correction__changed_facts", Value("")),
    )  # fmt: skip

    def tag(self, pk: int) -> str:
        return f"article:{pk}"

    def public(self, now: datetime) -> Any:
        return Article.objects.listed(now)

    def shown(self, item: Article, current: PublicVersion, now: datetime) -> tuple[str, str, str]:
        version = item.served(now)
        return version.headline, version.language, (version.head["section"] or {}).get("slug", "")

    def names(self, content: Content | None) -> str:
        return bylines.plain(content["bylines"]) if content and content["bylines"] else super().names(content)


class PageKind(ItemKind):
    name = "page"
    model = Page
    version_model = PageVersion
    tags = ("sections", "pages")

    def tag(self, pk: int) -> str:
        return "pages"


class DossierKind(ItemKind):
    name = "dossier"
    model = Dossier
    version_model = DossierVersion
    tags = ("sections", "dossiers", "listing")

    def tag(self, pk: int) -> str:
        return "dossiers"

    def comparable(self, contents: Mapping[int, Content | None], now: datetime) -> dict[int, Content | None]:
        """Write timeline and articles as text. Of the articles, those that are public now are named. One query."""
        uuids = {uuid for content in contents.values() if content for uuid in content["pieces"]}
        articles = Article.objects.listed(now, "uuid").filter(uuid__in=uuids)
        links = {link.uuid: link for link in links_to([article.as_served(now) for article in articles])}

        def text(content: Content) -> Content:
            entries = "".join(
                f"<li>{escape(entry.long_date)}: {escape(entry.text)} "
                f"{escape(entry.link.headline) if entry.link else ''} {escape(entry.source)}</li>"
                for entry in timeline_of(content, list(links.values()))
            )
            pieces = "".join(f"<li>{escape(links[uuid].headline)}</li>" for uuid in content["pieces"] if uuid in links)
            first, second = (f"<h2>{escape(title)}</h2>" for title in (_("The story so far"), _("In this dossier")))
            body = f"{content['summary']}{first}<ul>{entries}</ul>{second}<ul>{pieces}</ul>"
            stated = {name: content[name] for name in ("ai_uses", "how_we_know") if name in content}
            texts = {"headline": content["title"], "standfirst": "", "body": body}
            return {**texts, "pictures": {}, "required_level": 0, **stated}

        return {pk: text(content) if content else None for pk, content in contents.items()}


def history_of(kind: ItemKind, slug: str, now: datetime) -> History:
    """Return the history of the public item at `slug`. Raises Http404 if there is none."""
    return fragment("history", kind.name, slug, make=lambda: kind.load(slug, now))


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A version in the list. `change` is None for the first one and where the text of either was removed.

    `since_url` compares older versions with the current one.
    """

    version: PublicVersion
    names: str
    removed: bool
    change: Comparison | None
    url: str
    verification_url: str
    comparison_url: str = ""
    since_url: str = ""


def history_context(kind: ItemKind, history: History, before: int, now: datetime) -> TemplateContext:
    """Return the context of the list of versions, newest first, from the one before version `before` on."""
    shown = history.versions[max(0, before - 1 - PER_PAGE) : before - 1]
    with_previous = history.versions[max(0, before - 2 - PER_PAGE) : before - 1]
    contents = kind.contents(with_previous)
    texts = kind.comparable(contents, now)
    entries = []
    for version in reversed(shown):
        previous = history.versions[version.number - 2] if version.number > 1 else None
        new, old = texts.get(version.pk), texts.get(previous.pk) if previous else None
        is_older = version.number < history.current.number - 1
        entries.append(
            HistoryEntry(
                version=version,
                names=kind.names(contents.get(version.pk)),
                removed=new is None,
                change=compare(old, new) if old and new else None,
                url=history.version_url(version.number),
                verification_url=history.verification_url(version.number),
                comparison_url=history.comparison_url(previous.number, version.number) if previous else "",
                since_url=history.comparison_url(version.number, history.current.number) if is_older else "",
            )
        )
    return {
        "entries": entries,
        "older": shown[0].number if shown and shown[0].number > 1 else 0,
        "starts_with_current": before > history.current.number,
        "description": _description(history),
        "canonical": absolute_url(history.history_url),
        "structure": [breadcrumbs((history.headline, history.url), (_("History"), history.history_url))],
    }


def _description(history: History) -> str:
    count = history.current.number
    text = ngettext(
        "%(count)d version of “%(headline)s”.",
        "%(count)d versions of “%(headline)s”, and what changed.",
        count,
    )
    return text % {"count": count, "headline": history.headline}
