"""The front page as its editor shows it: each slot with its article, and the articles to choose from."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.admin.formatting import badge
from articles.homepage.layout import MAX_SECONDARY, MIN_SECONDARY, ROW_LENGTH, Layout, Place
from articles.homepage.placement import Candidates, Homepage, arrange, fetch_candidates
from articles.models import Article, Section, Version
from truthlytics.web.dates import recent_date

MAX_CHOICES = 30


@dataclass(slots=True)
class Slot:
    """A place in the editor. `up` and `down` are the operations that move its article; "" if it cannot move there."""

    key: str
    label: str
    how: str
    by_hand: bool = False
    version: Version | None = None
    # Why readers do not see the chosen article in this place.
    trouble: str = ""
    newest: str = ""
    up: str = ""
    down: str = ""

    @property
    def article(self) -> str:
        return str(self.version.article.uuid) if self.version else ""


@dataclass(slots=True)
class SlotRow:
    section: Section
    shown: bool
    slots: list[Slot]
    first: bool = False
    last: bool = False


@dataclass(slots=True)
class Arrangement:
    layout: Layout
    homepage: Homepage
    lead: Slot
    secondary: list[Slot]
    opinion: Slot
    rows: list[SlotRow]
    sections: list[Section]

    @property
    def slots(self) -> list[Slot]:
        visible = [slot for row in self.rows if row.shown for slot in row.slots]
        return [self.lead, *self.secondary, self.opinion, *visible]

    @property
    def order_of_rows(self) -> str:
        """The names of the sections in the order of their rows, hidden ones marked."""
        return ", ".join(str(row.section) if row.shown else _("%s (hidden)") % row.section for row in self.rows)

    @property
    def can_add_secondary(self) -> bool:
        return len(self.secondary) < MAX_SECONDARY

    @property
    def can_remove_secondary(self) -> bool:
        return len(self.secondary) > MIN_SECONDARY


def candidates_with_scheduled(layout: Layout, now: datetime) -> Candidates:
    """Fetch the candidates for `layout`, treating placed articles that are scheduled as if they were published."""
    candidates = fetch_candidates(layout, now)
    scheduled = Article.objects.placeable(now).filter(uuid__in=layout.placed_articles(), published_at__gt=now)
    for article in scheduled.select_related("upcoming"):
        if article.upcoming is not None:
            article.upcoming.article = article
            candidates.placed[str(article.uuid)] = article.upcoming
    return candidates


def build_arrangement(layout: Layout, now: datetime | None = None) -> Arrangement:
    """Return `layout` as the editor shows it. Placed articles take no further queries."""
    now = now or timezone.now()
    candidates = candidates_with_scheduled(layout, now)
    layout = layout.with_rows_for(str(section.uuid) for section in candidates.sections)
    homepage = arrange(candidates, layout)
    sections = {str(section.uuid): section for section in candidates.sections}
    slots = {key: _slot(key, place, homepage, candidates, sections, now) for key, place in layout.places()}
    rows = [
        SlotRow(
            sections[row.section],
            row.shown,
            [slots[f"row-{row.section}-{n}"] for n in range(1, ROW_LENGTH + 1)],
            first=row is layout.rows[0],
            last=row is layout.rows[-1],
        )
        for row in layout.rows
    ]
    secondary = [slots[f"second-{n}"] for n in range(1, len(layout.secondary) + 1)]
    arrangement = Arrangement(layout, homepage, slots["lead"], secondary, slots["voice"], rows, candidates.sections)
    _set_moves(arrangement.slots)
    return arrangement


def _slot(
    key: str, place: Place, homepage: Homepage, candidates: Candidates, sections: dict[str, Section], now: datetime
) -> Slot:
    version = homepage.by_key.get(key)
    slot = Slot(key, _label(key, sections), _("automatic"), version=version, newest=place.newest)
    if place.newest in sections and not key.startswith("row-"):
        slot.how = _("newest in %(section)s") % {"section": sections[place.newest]}
    if key == "voice":
        slot.how = _("newest opinion")
    if not place.article:
        return slot
    slot.by_hand, slot.how = True, _("manual")
    if place.article not in candidates.placed:
        slot.trouble = _("The article placed here is no longer on the site. This slot fills automatically.")
    elif version is not None and version.public_from > now:
        at = recent_date(version.public_from, "D j M, H:i T")
        slot.trouble = _("Scheduled for %(at)s. Until then this slot fills automatically.") % {"at": at}
    return slot


def _label(key: str, sections: dict[str, Section]) -> str:
    if key.startswith("row-"):
        section, number = key[4:].rsplit("-", 1)
        return f"{sections[section]} {number}"
    return {"lead": _("Lead"), "voice": _("Opinion")}.get(key) or _("Secondary %(number)s") % {
        "number": key.removeprefix("second-")
    }


def _set_moves(slots: list[Slot]) -> None:
    for before, after in pairwise(slots):
        if before.version:
            before.down = f"put {after.key} {before.article} {before.key}"
        if after.version:
            after.up = f"put {before.key} {after.article} {after.key}"


def article_choices(query: str, arrangement: Arrangement) -> list[dict[str, object]]:
    """Return the newest published or scheduled articles with the words of `query` in the headline."""
    now = timezone.now()
    articles = Article.objects.placeable(now)
    for word in query.split()[:8]:
        articles = articles.filter(headline__icontains=word)
    articles = articles.select_related("section").defer("body").order_by("-published_at", "-pk")[:MAX_CHOICES]
    placed = {slot.article for slot in arrangement.slots if slot.by_hand}
    return [
        {"article": article, "badge": badge(article.state(now)), "placed": str(article.uuid) in placed}
        for article in articles
    ]
