"""Placement of articles on the front page: as the layout says, otherwise by date, and no article twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from articles.homepage.layout import DEFAULT, ROW_LENGTH, Layout, Place
from articles.models import Article, Section, Version
from truthlytics.web.fragments import add_tags, fragment

LATEST = 9
MAX_SPARE = 16


@dataclass(slots=True)
class SectionRow:
    section: Section
    versions: list[Version]

    @property
    def others(self) -> list[Version]:
        """The articles after the lead of the row."""
        return self.versions[1:]

    @property
    def image_size(self) -> str:
        """The size of the lead's image (articles.presenters.teasers): an article alone has the whole width."""
        return "column" if self.others else "row"

    @property
    def is_short(self) -> bool:
        """Return whether only one or two titles follow the lead: their standfirsts then fill the row."""
        return len(self.versions) in {2, 3}


@dataclass(slots=True)
class Homepage:
    """The front page with an article in each place."""

    lead: Version | None = None
    secondary: list[Version] = field(default_factory=list)
    latest: list[Version] = field(default_factory=list)
    opinion: Version | None = None
    rows: list[SectionRow] = field(default_factory=list)
    # The version in each place, by the key of the place in the layout.
    by_key: dict[str, Version] = field(default_factory=dict)

    @property
    def versions(self) -> list[Version]:
        """All versions on the page, for fetching related data at once."""
        single = [version for version in (self.lead, self.opinion) if version]
        return single + self.secondary + self.latest + [version for row in self.rows for version in row.versions]


@dataclass(slots=True)
class Candidates:
    """The versions to choose from, newest first, and those that editors placed, by the UUID of the article."""

    sections: list[Section]
    latest: Sequence[Version] = ()
    by_section: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    placed: dict[str, Version] = field(default_factory=dict)


def fetch_candidates(layout: Layout, now: datetime) -> Candidates:
    """Fetch all versions that `layout` may need at `now`: two queries, and one for each section that has changed."""
    placed = layout.placed_articles()
    above = 2 + len(layout.secondary)
    articles = Article.objects.newest_or_named(LATEST + above, placed, now)
    by_uuid = {str(article.uuid): article.as_served(now) for article in articles}
    # An article that is placed elsewhere leaves a gap in its section's row, which the next newest fills.
    per_section = ROW_LENGTH + min(above + len(placed), MAX_SPARE)
    sections = list(Section.objects.in_masthead())
    return Candidates(
        sections=sections,
        latest=list(by_uuid.values())[: LATEST + above],
        by_section={str(section.uuid): _newest(section, per_section, now) for section in sections},
        placed=by_uuid,
    )


def _newest(section: Section, count: int, now: datetime) -> tuple[Version, ...]:
    """Return the newest versions of a section, kept until one of them or the section's list changes."""

    def load() -> tuple[Version, ...]:
        entries = section.entries.served(now).order_by("-published_at", "-article_id")
        versions = tuple(entry.as_listed() for entry in entries[:count])
        add_tags(*(version.teaser_tag for version in versions))
        return versions

    return fragment("front section", section.slug, count, make=load, tags=[f"section:{section.slug}"])


def arrange(candidates: Candidates, layout: Layout = DEFAULT) -> Homepage:
    """Fill each place with the article placed there, otherwise with the newest one that has no place yet.

    Automatic places at the top take articles with an image, no opinion articles, and at most one per section. The list
    of latest articles leaves out those above it. Rows start with the newest article that has an image.
    """
    homepage = Homepage()
    layout = layout.with_rows_for(str(section.uuid) for section in candidates.sections if section.has_row)
    manual = {
        key: candidates.placed[place.article] for key, place in layout.places() if place.article in candidates.placed
    }
    hidden = {f"row-{row.section}-{n}" for row in layout.rows if not row.shown for n in range(1, ROW_LENGTH + 1)}
    used = {version.article_id for key, version in manual.items() if key not in hidden}

    def fill(key: str, versions: Iterable[Version]) -> Version | None:
        version = manual.get(key) or next((v for v in versions if v.article_id not in used), None)
        if version is not None:
            used.add(version.article_id)
            homepage.by_key[key] = version
        return version

    top_places = [("lead", layout.lead), *((f"second-{n}", p) for n, p in enumerate(layout.secondary, start=1))]
    above = [manual[key] for key, _ in top_places if key in manual]
    top: list[Version | None] = []
    for key, place in top_places:
        version = fill(key, _top_candidates(candidates, place, above))
        if version is not None and key not in manual:
            above.append(version)
        top.append(version)
    # Without a suitable lead, use the newest article of any kind.
    homepage.lead = top[0] or fill("lead", candidates.latest)
    homepage.secondary = [version for version in top[1:] if version is not None]
    homepage.opinion = fill("voice", (version for version in candidates.latest if version.kind == "opinion"))
    top_ids = {version.article_id for version in homepage.by_key.values()}
    homepage.latest = [version for version in candidates.latest if version.article_id not in top_ids][:LATEST]
    sections = {str(section.uuid): section for section in candidates.sections}
    for row in layout.rows:
        if row.shown:
            newest = candidates.by_section.get(row.section, ())
            pictured = [version for version in newest if version.head.get("lead")]
            filled = [fill(f"row-{row.section}-1", [*pictured, *newest])]
            filled += [fill(f"row-{row.section}-{n}", newest) for n in range(2, ROW_LENGTH + 1)]
            if versions := [version for version in filled if version is not None]:
                homepage.rows.append(SectionRow(sections[row.section], versions))
    return homepage


def _top_candidates(candidates: Candidates, place: Place, above: Sequence[Version]) -> Iterable[Version]:
    if place.newest in candidates.by_section:
        return candidates.by_section[place.newest]
    taken = {_section_slug(version) for version in above}
    eligible = (version for version in candidates.latest if version.head.get("lead") and version.kind != "opinion")
    return (version for version in eligible if _section_slug(version) not in taken)


def _section_slug(version: Version) -> str:
    section = version.head.get("section") or {}
    return str(section.get("slug", ""))
