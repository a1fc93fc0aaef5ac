"""Make a plan from the lists, from Stripe and from what is here already."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions.providers import ProviderError
from subscriptions.providers.base import KeyRefused
from subscriptions.providers.stripe import moving
from truthlytics.contrib.importers.contracts.applying import CannotApply, live_subscribers
from truthlytics.contrib.importers.contracts.entries import Action, Plan
from truthlytics.contrib.importers.contracts.models import MovedContract
from truthlytics.contrib.importers.contracts.pace import Pace
from truthlytics.contrib.importers.contracts.plan import Known, make_plan
from truthlytics.contrib.importers.contracts.prices import PriceMap, UnreadableMap, doubts
from truthlytics.contrib.importers.contracts.signed import UnreadableRehearsal
from truthlytics.contrib.importers.progress import AnotherRun
from truthlytics.contrib.importers.readers.mapping import Said, UnreadableMapping, template
from truthlytics.contrib.importers.readers.records import ListedReader
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.contrib.importers.sources import UnreadableFile


@contextmanager
def refusals() -> Iterator[None]:
    """Raise ImportRefused, with a sentence for the operator, for all that keeps a step from being done."""
    try:
        yield
    except (
        UnreadableMap, UnreadableMapping, UnreadableFile, UnreadableRehearsal, OSError, CannotApply, AnotherRun,
    ) as error:  # fmt: skip
        raise ImportRefused(str(error)) from error
    except KeyRefused as error:
        text = _("Stripe refuses the key. docs/moving-in.md lists the rights that it needs. %(error)s")
        raise ImportRefused(text % {"error": error}) from error
    except ProviderError as error:
        text = _("Stripe could not be asked: %(error)s. Repeat this step to continue.")
        raise ImportRefused(text % {"error": error}) from error


def template_of(plan: Plan, columns: Iterable[Any], said: Said) -> Said:
    """Return the mapping of a plan, to fill in: with all columns, words and prices."""
    listed = {entry.old_price: "" for entry in plan.entries if entry.action != Action.FREE}
    return template(columns, plan.words, said, listed | dict.fromkeys([*plan.unmapped, *plan.not_ours], ""))


def make(
    readers: Iterable[ListedReader],
    prices: PriceMap,
    *,
    pace: Pace,
    contracts: Sequence[moving.Contract] | None = None,
    tell: Callable[[], None] = lambda: None,
) -> Plan:
    """Return what becomes of the contracts. Stripe's are asked for without `contracts`. Raises ProviderError.

    Calls `tell` before each further request, since there can be thousands.
    """

    def card_of(customer: str) -> str:
        tell()
        return pace(lambda: moving.saved_card(customer))

    if contracts is None:
        contracts = pace(lambda: list(moving.contracts()))
    moved = frozenset(MovedContract.objects.done().values_list("key", flat=True))
    known = Known(moved, live_subscribers())
    plan = make_plan(readers, contracts, prices, now=timezone.now(), card_of=card_of, known=known)
    plan.contracts = contracts
    plan.doubts += doubts((e.old_price, e.target, e.terms) for e in plan.to_apply if e.terms is not None)
    return plan
