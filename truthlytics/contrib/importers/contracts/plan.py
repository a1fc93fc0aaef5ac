"""What becomes of each contract of the old system. Pure: reads nothing and writes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.models import Price
from subscriptions.money import EXPONENTS, Money
from subscriptions.providers.stripe import reading
from subscriptions.providers.stripe.moving import EARLIEST_CHARGE, LONGEST_WAIT, Contract
from truthlytics.contrib.importers.contracts.at_stripe import notes_on, refusal, terms_of
from truthlytics.contrib.importers.contracts.entries import NO_TARGET, Action, Entry, Plan, Product
from truthlytics.contrib.importers.contracts.list_index import Listed, ListIndex
from truthlytics.contrib.importers.contracts.prices import INTERVALS, PriceMap, Target, Terms
from truthlytics.contrib.importers.contracts.schedule import at_stripe
from truthlytics.contrib.importers.readers.occurring import EXAMPLES, Occurrences
from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader, Word
from truthlytics.contrib.importers.readers.rows import sending_problem, sentence
from truthlytics.contrib.importers.readers.vocabulary import LABELS

COMPLIMENTARY = gettext_lazy("it costs nothing: complimentary access, which the import of readers gives")

FREE_WORDS = {("paid", "no"), ("access", "free")}


@dataclass(frozen=True)
class Known:
    """What is here already: the contracts that were moved by key, and the addresses of other subscribers."""

    moved: frozenset[str] = frozenset()
    subscribers: frozenset[str] = frozenset()


def make_plan(
    readers: Iterable[ListedReader],
    contracts: Sequence[Contract],
    prices: PriceMap,
    *,
    now: datetime,
    card_of: Callable[[str], str],
    known: Known,
) -> Plan:
    """Return what becomes of all contracts on the list and at Stripe. `card_of` returns a customer's saved card."""
    return _Planner(list(readers), prices, now, card_of, known).plan(contracts)


def key_on_list(email: str) -> str:
    """Return the key of a contract without an id: kept for long, so that it does not contain the address."""
    return f"list:{salted_hmac('contracts', email.casefold()).hexdigest()[:32]}"


class _Planner:
    def __init__(
        self,
        readers: list[ListedReader],
        prices: PriceMap,
        now: datetime,
        card_of: Callable[[str], str],
        known: Known,
    ) -> None:
        self.readers, self.prices, self.now, self.card_of, self.known = readers, prices, now, card_of, known
        self.result = Plan()
        self.index = ListIndex(readers)
        # Customers and addresses with a contract at Stripe at a price that is not in the map, with that price.
        self.unmapped: dict[str, str] = {}
        # The same for prices that are mapped as not ours.
        self.not_ours: dict[str, str] = {}
        self.unknown: dict[str, dict[Word, None]] = defaultdict(dict)
        for reader in readers:
            self.unknown[reader.email.casefold()] |= dict.fromkeys(reader.unknown)

    def plan(self, contracts: Sequence[Contract]) -> Plan:
        entries = [entry for contract in contracts if (entry := self._at_stripe(contract)) is not None]
        at_stripe = {entry.email.casefold() for entry in entries if entry.email}
        for reader in self.readers:
            if reader.email.casefold() not in at_stripe:
                entries += self._on_list(reader)
        self.result.entries = self._one_each(entries)
        self.result.words = Occurrences(self.readers).listed()
        return self.result

    # Contracts at Stripe

    def _at_stripe(self, contract: Contract) -> Entry | None:
        if reading.names_order(contract.metadata) and not contract.mark:
            self.result.bought_here += 1
            return None
        if contract.mark not in ("", contract.ref):
            return None  # We have made it for a contract on the list.
        named = self.index.with_ref(contract.ref)
        target = self.prices.of_price(contract.price, named.plan if named else "")
        self._count(contract.price, target, contract.email)
        if target is None or not target.is_ours:
            return self._of_others(contract, target, named)
        found = self.index.find(contract.ref, contract.customer, contract.email)
        reader = found.reader if found else None
        entry = self._adopted(contract, reader, target)
        if contract.ref in self.known.moved:
            return replace(entry, action=Action.HERE)
        reason = refusal(contract, target)
        if entry.terms and (wrong := target.refusal(entry.terms)):
            self._note_problem(f"{contract.price}: {wrong}.")
        if not reason and reader is None:
            reason = _("it is not on the list; export the list again")
            return replace(entry, action=Action.REFUSE, reason=reason, is_unlisted=True)
        reason = reason or self._refusal_of(reader) or _contradiction(found, contract)
        return replace(entry, action=Action.REFUSE, reason=reason) if reason else entry

    def _adopted(self, contract: Contract, reader: ListedReader | None, target: Target) -> Entry:
        first = next(at_stripe(contract, until=self.now + LONGEST_WAIT), None)
        return Entry(
            key=contract.ref,
            action=Action.ADOPT,
            email=reader.email if reader else contract.email,
            name=(reader.name if reader else "") or contract.name,
            notes=notes_on(contract),
            old_price=contract.price,
            target=target,
            terms=terms_of(contract),
            began_at=contract.created,
            paid_until=contract.paid_until,
            next_charge=first.at if first is not None else None,
            charge=first.amount if first is not None else None,
            cancelled=contract.cancel_at is not None,
            customer=contract.customer,
            contract=contract,
        )

    def _count(self, name: str, target: Target | None, email: str) -> None:
        product = self.result.products.setdefault(name, Product("" if target is None else str(target)))
        product.number += 1
        if email and len(product.examples) < EXAMPLES:
            product.examples.append(email)

    def _of_others(self, contract: Contract, target: Target | None, named: Listed | None) -> Entry | None:
        """Count a contract at a price that is not ours, or not in the map; refuse it if the list names it."""
        owner = filter(None, (contract.customer, contract.email.casefold()))
        if target is not None:
            self.result.not_ours[contract.price] += 1
            self.not_ours |= dict.fromkeys(owner, contract.price)
            return None
        self.result.unmapped[contract.price] += 1
        self.unmapped |= dict.fromkeys(owner, contract.price)
        if named is None:
            return None
        reason = _("its price %(price)s is not in the map") % {"price": contract.price}
        return Entry(contract.ref, Action.REFUSE, named.reader.email, reason=reason, contract=contract)

    def _note_problem(self, text: str) -> None:
        if text not in self.result.problems:
            self.result.problems.append(text)

    # Contracts that are only on the list

    def _on_list(self, reader: ListedReader) -> list[Entry]:
        if reader.contracts:
            return [self._listed(reader, listed) for listed in reader.contracts]
        if reader.unknown and (reason := self._refusal_of(reader)):
            return [replace(self._free(reader, reason), action=Action.REFUSE)]
        return [self._free(reader, str(COMPLIMENTARY) if reader.free_access == "comp" else "")]

    def _refusal_of(self, reader: ListedReader | None, *, only_list: bool = False) -> str:
        """Return why nothing is done for a reader, with any contract; "" if something can be done.

        Columns that the list does not have count if it is the `only_list` that knows the contract.
        """
        if reader is None:
            return ""
        if reader.delete:
            return _("the reader has asked to be deleted")
        words = self.unknown[reader.email.casefold()]
        if reasons := [sentence(word) for word in words if only_list or not word.is_missing]:
            return "; ".join(reasons)
        if sending_problem(reader.email):
            return _("emails can’t be sent from here to this address, so that its owner could not log in")
        return ""

    def _free(self, reader: ListedReader, reason: str) -> Entry:
        return Entry(key_on_list(reader.email), Action.FREE, reader.email, reader.name, reason)

    def _listed(self, reader: ListedReader, listed: ListedContract) -> Entry:
        target = self.prices.of_plan(listed.plan)
        entry = Entry(
            key=listed.subscription_ref or key_on_list(reader.email),
            action=Action.ACCESS,
            email=reader.email,
            name=reader.name,
            old_price=listed.plan,
            target=target or NO_TARGET,
            terms=_listed_terms(listed, target),
            began_at=reader.joined_at,
            paid_until=listed.paid_through,
            cancelled=listed.cancelled,
            customer=listed.customer_ref,
        )
        self._count(listed.plan, target, reader.email)
        reason = self._refusal_of(reader)
        if entry.key in self.known.moved:
            here = replace(entry, action=Action.HERE)
            return replace(here, cancelled=False, paid_until=None, notes=(reason,)) if reason else here
        if reason:
            return replace(entry, action=Action.REFUSE, reason=reason)
        if listed.cancelled and not self._is_paid(listed):
            return self._free(reader, _("its contract has ended"))
        if not listed.status and listed.paid_through is None:
            return self._free(reader, self._why_free(listed, entry))
        if reason := self._refusal_of(reader, only_list=True) or self._listed_refusal(listed, entry, target):
            return replace(entry, action=Action.REFUSE, reason=reason)
        if entry.terms is not None and not entry.terms.money.minor:
            return self._free(reader, str(COMPLIMENTARY))
        if listed.payment == "card" and not listed.cancelled:
            return self._with_card(entry, listed)
        return entry

    def _is_paid(self, listed: ListedContract) -> bool:
        return listed.paid_through is not None and listed.paid_through > self.now

    def _why_free(self, listed: ListedContract, entry: Entry) -> str:
        if price := self.not_ours.get(listed.customer_ref) or self.not_ours.get(entry.email.casefold()):
            text = _("its contract in this Stripe account has the price %(price)s, which is mapped as not ours")
            return text % {"price": price}
        return _("the list names no contract, and there is none in this Stripe account")

    def _listed_refusal(self, listed: ListedContract, entry: Entry, target: Target | None) -> str:
        if target is None and listed.plan:
            return _("its plan “%(plan)s” is not in the map") % {"plan": listed.plan}
        if target is None:
            return _("it names no plan; map rows that name none")
        if not target.is_ours:
            return _("its plan is not ours")
        if price := self.unmapped.get(listed.customer_ref) or self.unmapped.get(entry.email.casefold()):
            text = _("has a contract at Stripe, whose price %(price)s is not in the map; map it, or as not ours")
            return text % {"price": price}
        if listed.is_unpaid:
            text = _("the list says that it is not paid (“%(status)s”); export the list again once it is")
            return text % {"status": listed.status}
        if listed.paid_through is None:
            return _("the list does not say until when it is paid")
        if not self._is_paid(listed):
            text = _("it was due on %(day)s; export the list again once that is paid")
            return text % {"day": f"{listed.paid_through:%Y-%m-%d}"}
        if entry.terms is None:
            return _why_no_terms(listed, target)
        wrong = target.refusal(entry.terms)
        if wrong and entry.terms.interval in INTERVALS:
            self._note_problem(f"{listed.plan}: {wrong}.")
        return wrong

    def _with_card(self, entry: Entry, listed: ListedContract) -> Entry:
        """Continue with the saved card, if the customer is in our account and Stripe has no contract for them."""
        if listed.subscription_ref.startswith("sub_") or not listed.customer_ref:
            return self._invited(entry, _("no contract in this Stripe account: invite the reader to go on"))
        if not self.card_of(listed.customer_ref):
            text = _("no saved card in this Stripe account, or several and no default: invite the reader to go on")
            return self._invited(entry, text)
        paid_until = listed.paid_through or self.now
        first = max(paid_until, first_possible_charge(self.now))
        if first > self.now + LONGEST_WAIT:
            return self._invited(entry, _("paid for more than two years: invite the reader to go on"))
        text = _("would be charged on %(day)s, which is too soon") % {"day": f"{paid_until:%Y-%m-%d}"}
        notes = () if first == paid_until else (text,)
        charge = entry.terms.money if entry.terms is not None else None
        return replace(entry, action=Action.CREATE, next_charge=first, charge=charge, notes=notes)

    def _invited(self, entry: Entry, note: str) -> Entry:
        return replace(entry, notes=(note,), is_invited=True)

    # Readers

    def _one_each(self, entries: list[Entry]) -> list[Entry]:
        """Let each reader have one contract, the one that is paid for longest. Those with several come first."""
        of_reader: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            of_reader[entry.email.casefold()].append(entry)
        several, single = [], []
        for email, own in of_reader.items():
            ours = [entry for entry in own if entry.action in (Action.ADOPT, Action.CREATE, Action.ACCESS)]
            if any(entry.action == Action.HERE for entry in own) or email in self.known.subscribers:
                refused = [self._double(e, _("has a contract here, and is probably paying twice")) for e in ours]
            elif len(ours) > 1:
                best = max(ours, key=lambda entry: (entry.paid_until or self.now, entry.key))
                others = [e for e in ours if e is not best]
                refused = [self._double(e, _("a second contract: is probably paying twice")) for e in others]
                twice = (*best.notes, _("is probably paying twice"))
                refused.append(replace(best, notes=twice, is_double=True))
            else:
                single += own
                continue
            several += refused
            single += [entry for entry in own if entry not in ours]
        return several + single

    def _double(self, entry: Entry, reason: str) -> Entry:
        return replace(entry, action=Action.REFUSE, reason=reason, is_double=True)


def first_possible_charge(now: datetime) -> datetime:
    """Return the next full hour after the 48 hours within which nothing is charged."""
    return (now + EARLIEST_CHARGE + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)


def _contradiction(found: Listed | None, contract: Contract) -> str:
    """Return why the list does not fit to a contract that Stripe continues to charge; "" if it does."""
    charges = contract.cancel_at is None and contract.amount is not None and contract.amount.minor > 0
    if found is None or not charges:
        return ""
    if found.contract is not None and found.contract.cancelled:
        return _("the list says that it is cancelled or has ended, but Stripe goes on charging it")
    is_free = found.contract is not None and found.contract.amount == 0
    if (
        is_free
        or found.reader.free_access
        or any((word.topic, word.meaning) in FREE_WORDS for word in found.reader.words)
    ):
        return _("the list says that its reader pays nothing, but Stripe charges it; export the list again")
    return ""


def _listed_terms(listed: ListedContract, target: Target | None) -> Terms | None:
    """Return what the list says is paid, or the terms of the price that it is mapped to."""
    if listed.amount is not None and listed.currency in EXPONENTS and listed.interval:
        return Terms(Money(listed.amount, listed.currency), listed.interval, listed.interval_count)
    if target is not None and (price := target.price) is not None and not _differs(listed, price):
        return Terms(price.money, price.interval, price.count)
    return None


def _differs(listed: ListedContract, price: Price) -> bool:
    """Return whether something that the list says of the terms is not so at the price that it is mapped to."""
    interval = (listed.interval, listed.interval_count)
    return (
        listed.amount not in (None, price.minor)
        or listed.currency not in ("", price.currency)
        or (bool(listed.interval) and interval != (price.interval, price.count))
    )


def _why_no_terms(listed: ListedContract, target: Target) -> str:
    """Name what the list does not say of the terms."""
    if target.price is not None:
        text = _("the list says something else than price %(number)s, to which its plan is mapped")
        return text % {"number": target.price.pk}
    said = {"amount": listed.amount is not None, "currency": listed.currency, "interval": listed.interval}
    names = ", ".join(f"“{LABELS[topic]}”" for topic, value in said.items() if not value)
    text = _("it is not known what is paid: no column was read as %(names)s; choose the columns, or map to a price")
    return text % {"names": names}
