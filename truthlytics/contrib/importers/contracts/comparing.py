"""Compare a later list of the old system with what is here, in both directions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.contrib.importers.contracts.entries import Action, Plan
from truthlytics.contrib.importers.contracts.list_index import Listed, ListIndex
from truthlytics.contrib.importers.contracts.listing import change_on
from truthlytics.contrib.importers.contracts.models import MovedContract
from truthlytics.contrib.importers.readers.records import ListedReader

# By what `change_on` returns.
CHANGES = {
    "cancelled": gettext_lazy("%(contract)s: cancelled in the old system since it was moved; plan and apply this list"),
    "paid for longer": gettext_lazy(
        "%(contract)s: paid for longer in the old system since it was moved; plan and apply this list"
    ),
}
# Lists give days, and Stripe hours.
SAME_DAY = timedelta(days=2)


def compare(
    readers: Iterable[ListedReader], plan: Plan, rows: Sequence[MovedContract], found: set[str]
) -> Iterator[str]:
    """Say who is on the list and not here, who is here and not on the list, and where the list says something else.

    `plan` is that of the list, and `rows` are all that was moved. The contracts at Stripe in `found` are named already.
    """
    for entry in plan.to_apply:
        if entry.key not in found:
            text = _("%(email)s (%(contract)s): on the list, but not here; plan and apply this list")
            yield text % {"email": entry.email, "contract": entry.key}
    index, by_key = ListIndex(readers), {row.key: row for row in rows}
    for entry in plan.of(Action.HERE):
        if (row := by_key.get(entry.key)) is not None and (change := change_on(row, entry)):
            yield CHANGES[change] % {"contract": row.key}
    for row in rows:
        if row.subscription is None or row.user is None or not row.subscription.is_live:
            continue
        listed = index.find(row.key, row.facts.get("customer", ""), row.user.email)
        if listed is None:
            yield _("%(contract)s: here, but not on the list any more") % {"contract": row.key}
        elif row.action == MovedContract.Action.ADOPT:
            yield from _other_end(row, listed, row.subscription.period_end)


def _other_end(row: MovedContract, listed: Listed, end: datetime) -> Iterator[str]:
    """Stripe alone charges an attached contract, so that a later end on the list has been charged elsewhere."""
    until = listed.contract.paid_through if listed.contract is not None else None
    if until is not None and until > end + SAME_DAY:
        text = _("%(contract)s: paid until %(there)s on the list, but until %(here)s here")
        yield text % {"contract": row.key, "there": until.date(), "here": end.date()}
