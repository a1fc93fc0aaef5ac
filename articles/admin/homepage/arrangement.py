"""What the editor of the front page shows: each place with the piece in it, and the stock to choose from."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone

from articles.admin.formatting import badge
from articles.homepage.layout import FEWEST, IN_A_ROW, MOST, Layout, Place
from articles.homepage.placement import Front, Stock, arrange, stock
from articles.models import Article, Section, Version

IN_STOCK = 30


@dataclass(slots=True)
class Slot:
    """One place. `up` and `down` are the deeds that move its piece; "" where it cannot go there."""

    key: str
    label: str
    how: str
    by_hand: bool = False
    version: Version | None = None
    # What an editor should know of a piece that readers do not find here now.
    trouble: str = ""
    newest: str = ""
    up: str = ""
    down: str = ""

    @property
    def article(self) -> str:
        return str(self.version.article.uuid) if self.version else ""


@dataclass(slots=True)
class RowView:
    section: Section
    shown: bool
    slots: list[Slot]
    first: bool = False
    last: bool = False


@dataclass(slots=True)
class Arrangement:
    layout: Layout
    front: Front
    lead: Slot
    seconds: list[Slot]
    voice: Slot
    rows: list[RowView]
    sections: list[Section]

    @property
    def slots(self) -> list[Slot]:
        shown = [slot for row in self.rows if row.shown for slot in row.slots]
        return [self.lead, *self.seconds, self.voice, *shown]

    @property
    def may_have_more(self) -> bool:
        return len(self.seconds) < MOST

    @property
    def may_have_fewer(self) -> bool:
        return len(self.seconds) > FEWEST


def stock_ahead(layout: Layout, now: datetime) -> Stock:
    """As readers will find it: a named piece that waits for its time counts as public."""
    found = stock(layout, now, "article__uuid")
    ahead = Article.objects.placeable(now).filter(uuid__in=layout.named(), published_at__gt=now)
    for article in ahead.select_related("upcoming"):
        if article.upcoming is not None:
            article.upcoming.article = article
            found.named[str(article.uuid)] = article.upcoming
    return found


def arrangement(layout: Layout, now: datetime | None = None) -> Arrangement:
    """How `layout` looks to the newsroom, in five queries at most, however much of it is by hand."""
    now = now or timezone.now()
    found = stock_ahead(layout, now)
    layout = layout.with_rows_for(str(section.uuid) for section in found.sections)
    front = arrange(found, layout)
    names = {str(section.uuid): section for section in found.sections}
    slots = {key: _slot(key, place, front, found, names, now) for key, place in layout.places()}
    rows = [
        RowView(
            names[row.section],
            row.shown,
            [slots[f"row-{row.section}-{n}"] for n in range(1, IN_A_ROW + 1)],
            first=row is layout.rows[0],
            last=row is layout.rows[-1],
        )
        for row in layout.rows
    ]
    seconds = [slots[f"second-{n}"] for n in range(1, len(layout.seconds) + 1)]
    made = Arrangement(layout, front, slots["lead"], seconds, slots["voice"], rows, found.sections)
    _name_ways(made.slots)
    return made


def _slot(key: str, place: Place, front: Front, found: Stock, names: dict[str, Section], now: datetime) -> Slot:
    version = front.by_key.get(key)
    slot = Slot(key, _label(key, names), "fills itself", version=version, newest=place.newest)
    if place.newest in names and not key.startswith("row-"):
        slot.how = f"newest of {names[place.newest]}"
    if key == "voice":
        slot.how = "newest opinion"
    if not place.article:
        return slot
    slot.by_hand, slot.how = True, "by hand"
    if place.article not in found.named:
        slot.trouble = "The piece that stood here is off the site. Until you choose another the place fills itself."
    elif version is not None and version.public_from > now:
        at = timezone.localtime(version.public_from)
        slot.trouble = f"Goes out {at:%a %-d %b, %H:%M %Z}. Until then the place fills itself."
    return slot


def _label(key: str, names: dict[str, Section]) -> str:
    if key.startswith("row-"):
        section, number = key[4:].rsplit("-", 1)
        return f"{names[section]} {number}"
    return {"lead": "Lead", "voice": "Opinion"}.get(key) or f"Second {key.removeprefix('second-')}"


def _name_ways(slots: list[Slot]) -> None:
    for before, after in pairwise(slots):
        if before.version:
            before.down = f"put {after.key} {before.article} {before.key}"
        if after.version:
            after.up = f"put {before.key} {after.article} {after.key}"


def to_choose_from(words: str, made: Arrangement) -> list[dict[str, Any]]:
    """The newest pieces whose headline has `words`, public or on their way, and whether each has a place already."""
    now = timezone.now()
    pieces = Article.objects.placeable(now)
    for word in words.split()[:8]:
        pieces = pieces.filter(headline__icontains=word)
    pieces = pieces.select_related("section").defer("body").order_by("-published_at", "-pk")[:IN_STOCK]
    placed = {slot.article for slot in made.slots if slot.by_hand}
    return [
        {"article": article, "badge": badge(article.state(now)), "placed": str(article.uuid) in placed}
        for article in pieces
    ]
