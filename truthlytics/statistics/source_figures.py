"""Where people came from, as sums and shares that pages, emails and the API show."""

from datetime import date
from typing import NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _

from truthlytics.statistics.models import OTHER, SourceKind
from truthlytics.web.types import AnyRows

MAX_NAMES = 15
# The kinds that have names.
NAMED = (
    SourceKind.SEARCH,
    SourceKind.HOST,
    SourceKind.CAMPAIGN,
    SourceKind.NEWSLETTER,
)


class Source(NamedTuple):
    """A kind of source, or one of its names, with its people and their share of all, in percent."""

    kind: str
    name: str
    people: int
    share: int

    @property
    def label(self) -> str:
        # The label of the kind is also that of buttons: other languages have another word there.
        return _("Search engine") if self.kind == SourceKind.SEARCH else str(SourceKind(self.kind).label)


class Sources(NamedTuple):
    kinds: list[Source]
    names: list[Source]


def sources(rows: AnyRows, first: date, last: date, limit: int = MAX_NAMES) -> Sources | None:
    """Return the kinds of sources, and the names with most people. Two queries. `rows` are of a model with sources."""
    found = rows.filter(day__gte=first, day__lte=last).order_by()
    kinds = list(found.values_list("kind").annotate(sum=Sum("people")).order_by("-sum", "kind"))
    whole = sum(people for _kind, people in kinds)
    if not whole:
        return None
    named = found.filter(kind__in=NAMED).values_list("kind", "name").annotate(sum=Sum("people"))
    names = named.order_by("-sum", "kind", "name")[:limit]
    return Sources(
        [Source(kind, "", people, round(100 * people / whole)) for kind, people in kinds],
        [Source(kind, shown_name(name), people, round(100 * people / whole)) for kind, name, people in names],
    )


def shown_name(name: str) -> str:
    """Return what is shown for a name. Those that exceed their number have one together."""
    return {"": _("without a name"), OTHER: _("others")}.get(name, name)
