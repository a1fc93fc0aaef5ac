"""The front page: who stands where. By hand where an edition says so, by date elsewhere; nobody has two places."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from articles.homepage.layout import DEFAULT, IN_A_ROW, Layout, Place
from articles.models import Article, Section, Version
from truthlytics.web.compiled_queries import CompiledObjectQuery, filled_up, id_names

LATEST = 9
MOST_SPARE = 16


@dataclass(slots=True)
class Row:
    section: Section
    versions: list[Version]


@dataclass(slots=True)
class Front:
    lead: Version | None = None
    seconds: list[Version] = field(default_factory=list)
    latest: list[Version] = field(default_factory=list)
    voice: Version | None = None
    rows: list[Row] = field(default_factory=list)
    # Which version stands at which key of the layout.
    by_key: dict[str, Version] = field(default_factory=dict)

    @property
    def versions(self) -> list[Version]:
        """Everything on the page, for one look-up of what stands beside it."""
        single = [version for version in (self.lead, self.voice) if version]
        return single + self.seconds + self.latest + [version for row in self.rows for version in row.versions]


@dataclass(slots=True)
class Stock:
    """What there is to choose from: served versions, newest first, and the named ones by their article's uuid."""

    sections: list[Section]
    latest: Sequence[Version] = ()
    by_section: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    named: dict[str, Version] = field(default_factory=dict)


def stock(layout: Layout, now: datetime, *more: str) -> Stock:
    """All that `layout` may need at `now`, with the columns `more`, in three queries, however much is published."""
    named = layout.named()
    above = 2 + len(layout.seconds)
    newest = Article.objects.newest_or_named(LATEST + above, named, now) if named else _newest(LATEST + above)(now)
    found = {str(article.uuid): article.served_id(now) for article in newest}
    # What stands above or elsewhere by hand is missing in its section's row, and the next takes its place.
    enough = IN_A_ROW + min(above + len(named), MOST_SPARE)
    sections = _sections(enough)(now)
    ids = {pk for section in sections for pk in section.newest} | {pk for pk in found.values() if pk is not None}
    versions = _listed(ids, *more)
    by_uuid = {uuid: versions[pk] for uuid, pk in found.items() if pk in versions}
    return Stock(
        sections=sections,
        latest=list(by_uuid.values())[: LATEST + above],
        by_section={str(s.uuid): [versions[pk] for pk in versions if pk in s.newest] for s in sections},
        named=by_uuid,
    )


@cache
def _newest(count: int) -> CompiledObjectQuery[Article]:
    return CompiledObjectQuery(lambda now: Article.objects.newest_or_named(count, (), now), "now")


@cache
def _sections(enough: int) -> CompiledObjectQuery[Section]:
    return CompiledObjectQuery(lambda now: Section.objects.in_masthead().with_newest(enough, now), "now")


def _listed(ids: Collection[int], *more: str) -> dict[int, Version]:
    """As `Version.objects.listed`."""
    given = filled_up(ids)
    return {version.pk: version for version in _in_lists(len(given), more)(*given)} if given else {}


@cache
def _in_lists(count: int, more: tuple[str, ...]) -> CompiledObjectQuery[Version]:
    return CompiledObjectQuery(lambda *ids: Version.objects.in_lists(*more).filter(pk__in=ids), *id_names(count))


def arrange(stock: Stock, layout: Layout = DEFAULT) -> Front:
    """Each place by hand, else with the newest that has no place yet; the list of the latest leaves out what is above.

    Filling itself, the top takes pieces with a picture and no opinions, at most one a section.
    """
    front = Front()
    layout = layout.with_rows_for(str(section.uuid) for section in stock.sections)
    by_hand = {key: stock.named[place.article] for key, place in layout.places() if place.article in stock.named}
    hidden = {f"row-{row.section}-{n}" for row in layout.rows if not row.shown for n in range(1, IN_A_ROW + 1)}
    placed = {version.article_id for key, version in by_hand.items() if key not in hidden}

    def fill(key: str, candidates: Iterable[Version]) -> Version | None:
        version = by_hand.get(key) or next((v for v in candidates if v.article_id not in placed), None)
        if version is not None:
            placed.add(version.article_id)
            front.by_key[key] = version
        return version

    top = [("lead", layout.lead), *((f"second-{n}", place) for n, place in enumerate(layout.seconds, start=1))]
    above = [by_hand[key] for key, _ in top if key in by_hand]
    chosen: list[Version | None] = []
    for key, place in top:
        version = fill(key, _for_the_top(stock, place, above))
        if version is not None and key not in by_hand:
            above.append(version)
        chosen.append(version)
    # Were the lead empty, the page would be: then the newest is good enough.
    front.lead = chosen[0] or fill("lead", stock.latest)
    front.seconds = [version for version in chosen[1:] if version is not None]
    front.voice = fill("voice", (version for version in stock.latest if version.kind == "opinion"))
    top_ids = {version.article_id for version in front.by_key.values()}
    front.latest = [version for version in stock.latest if version.article_id not in top_ids][:LATEST]
    sections = {str(section.uuid): section for section in stock.sections}
    for row in layout.rows:
        if row.shown:
            newest = stock.by_section.get(row.section, ())
            filled = [fill(f"row-{row.section}-{n}", newest) for n in range(1, IN_A_ROW + 1)]
            if versions := [version for version in filled if version is not None]:
                front.rows.append(Row(sections[row.section], versions))
    return front


def _for_the_top(stock: Stock, place: Place, above: Sequence[Version]) -> Iterable[Version]:
    if place.newest in stock.by_section:
        return stock.by_section[place.newest]
    taken = {_section(version) for version in above}
    pictured = (version for version in stock.latest if version.head.get("lead") and version.kind != "opinion")
    return (version for version in pictured if _section(version) not in taken)


def _section(version: Version) -> str:
    section = version.head.get("section") or {}
    return str(section.get("slug", ""))
