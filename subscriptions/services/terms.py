"""The terms of an order with each way to pay: what it costs, when it starts, and whether it renews.

The cart shows them, the order button accepts them, and the order stores them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from subscriptions import periods
from subscriptions.models import CartLine, Coupon, Order, Price, Subscription, User
from subscriptions.money import Money
from subscriptions.providers import Provider
from subscriptions.services import coupons, trials
from subscriptions.services.agreements import Agreement
from truthlytics.publication import get_publication


@dataclass(frozen=True, slots=True)
class Terms:
    """What ordering `price` with `provider` means. `runs_until` is when the reader's present period ends, if any."""

    provider: Provider
    price: Price
    kind: str
    discount: Money
    coupon: Coupon | None = None
    trial_days: int = 0
    runs_until: datetime | None = None

    @property
    def renews(self) -> bool:
        return self.provider.renews

    @property
    def reduced(self) -> Money:
        """What the first period costs."""
        return Money(self.price.minor - self.discount.minor, self.price.currency)

    @property
    def starts_at(self) -> datetime | None:
        """When a provider that renews charges for the first time, if not today."""
        return self.runs_until if self.renews else None

    @property
    def due_now(self) -> Money:
        """What the reader pays today. A transfer after a free trial can wait until it ends."""
        is_later = self.trial_days or self.starts_at is not None
        return Money(0, self.price.currency) if is_later else self.reduced

    @property
    def total(self) -> Money:
        """The total of the order: what is charged today, or has to be transferred, if only after a free trial."""
        return self.due_now if self.renews else self.reduced

    @property
    def action(self) -> str:
        """The words on the order button, as the accepted terms call it.

        Nothing else may be on it (§ 312j (3) BGB, Art. 8 (2) of Directive 2011/83/EU). The price is above.
        """
        if self.trial_days:
            return _("Start the free trial")
        return _("Order and pay") if self.due_now.minor else pgettext("button", "Order")

    @property
    def then(self) -> str:
        """What happens after this payment, in a sentence or two."""
        context = {
            "amount": self.reduced,
            "per": self.price.per,
            "price": self.renewal_price,
            "length": self.price.length,
            "adverb": periods.as_adjective(self.price.interval, self.price.count),
            "day": _day(self.runs_until) if self.runs_until else "",
        }
        free = ngettext("Free for %(days)d day", "Free for %(days)d days", self.trial_days) % {"days": self.trial_days}
        if self.renews and self.trial_days:
            return _("%(free)s, then %(price)s %(per)s until you cancel.") % {**context, "free": free}
        if self.renews and self.starts_at is not None:
            return _("The first payment is on %(day)s. Renews %(adverb)s until you cancel.") % context
        if self.renews:
            return _("Renews %(adverb)s for %(price)s until you cancel.") % context
        if self.trial_days:
            return _("%(free)s, then %(length)s for %(amount)s if you transfer it by then. Does not renew.") % {
                **context,
                "free": free,
            }
        if self.runs_until is not None:
            return _("Adds %(length)s from %(day)s. Does not renew.") % context
        return _("A single payment for %(length)s. Does not renew.") % context

    @property
    def renewal_price(self) -> Money:
        """What each renewal costs once a coupon for some periods is used up."""
        is_for_ever = self.coupon is not None and self.coupon.duration == Coupon.Duration.FOREVER
        return self.reduced if is_for_ever else self.price.money

    @property
    def discount_text(self) -> str:
        """What the coupon reduces, in a sentence; "" without one."""
        if self.coupon is None:
            return ""
        context = {"code": self.coupon.code, "discount": self.discount}
        if not self.renews:
            return _("The coupon %(code)s reduces this payment by %(discount)s.") % context
        if self.coupon.duration == Coupon.Duration.FOREVER:
            return _("The coupon %(code)s reduces every payment by %(discount)s.") % context
        count = 1 if self.coupon.duration == Coupon.Duration.ONCE else self.coupon.periods
        return ngettext(
            "The coupon %(code)s reduces the first payment by %(discount)s.",
            "The coupon %(code)s reduces the first %(count)d payments by %(discount)s.",
            count,
        ) % {**context, "count": count}

    @property
    def consent(self) -> str:
        """The terms that the order button accepts; stored verbatim on the order."""
        context = {
            "plan": self.price.description,
            "amount": self.reduced,
            "price": self.renewal_price,
            "per": self.price.per,
            "length": self.price.length,
            "day": _day(self.runs_until) if self.runs_until else "",
        }
        sentences = [_("By choosing “%(action)s”, I order the plan “%(plan)s”.") % {**context, "action": self.action}]
        if self.renews:
            sentences += self._renewing(context)
        else:
            sentences += self._single(context)
        if self.discount_text:
            sentences.append(self.discount_text)
        return " ".join(sentences)

    def _renewing(self, context: dict[str, object]) -> list[str]:
        if self.trial_days:
            trial = ngettext(
                "The first day is free; if I cancel on it, I pay nothing.",
                "The first %(days)d days are free; if I cancel during them, I pay nothing.",
                self.trial_days,
            )
            first = [trial % {"days": self.trial_days}]
        elif self.starts_at is not None:
            first = [
                _("It begins on %(day)s, when the time that is already paid for ends. My first payment is due then.")
                % context
            ]
        else:
            first = [_("It starts when the payment is received.")]
        costs = _("It costs %(price)s %(per)s and renews until I cancel. I can cancel at any time.") % context
        if self.price.months == 1 or not get_publication().ends_a_month_after_notice:
            return [*first, costs]
        notice = _(
            "In the first term, that ends it with the term; afterwards a month later, and what I paid for the days "
            "after that is paid back."
        )
        return [*first, costs, notice]

    def _single(self, context: dict[str, object]) -> list[str]:
        if self.trial_days:
            trial = ngettext(
                "The first day is free. It continues for %(length)s if I pay %(amount)s by then; otherwise it ends.",
                "The first %(days)d days are free. It continues for %(length)s if I pay %(amount)s by then; otherwise "
                "it ends.",
                self.trial_days,
            )
            first = [trial % {**context, "days": self.trial_days}]
        elif self.runs_until is not None:
            first = [_("I pay %(amount)s for %(length)s from %(day)s, when my current period ends.") % context]
        else:
            first = [_("I pay %(amount)s. It starts when the payment is received and lasts for %(length)s.") % context]
        return [*first, _("It does not renew, and I won’t be charged again.")]


def terms_for(
    line: CartLine,
    providers: Iterable[Provider],
    *,
    user: User | None,
    live: Subscription | None,
    coupon: Coupon | None,
) -> list[Terms]:
    """Return the terms of ordering `line` with each provider. `live` is the reader's present subscription.

    `coupon` is the cart's, found by `coupons.find`. The discount of an earlier order by transfer continues.
    """
    price = line.price
    trial_days = trials.days_for(user, price.plan) if live is None else 0
    found = []
    for provider in providers:
        used = coupon
        if used is None and user is not None and not provider.renews:
            used = coupons.continued_for(user, price)
        found.append(
            Terms(
                provider=provider,
                price=price,
                kind=Order.Kind.SUBSCRIPTION if live is None else Order.Kind.EXTENSION,
                discount=coupons.discount(used, price),
                coupon=used,
                trial_days=trial_days,
                runs_until=live.period_end if live is not None else None,
            )
        )
    return found


def confirmation_token(line: CartLine, offered: Iterable[Terms], agreement: Agreement) -> str:
    """Return a token for what was shown, so that a change of price or legal texts, or in another tab, is noticed."""
    shown = [str(line.price_id), str(line.quoted), agreement.token, *(terms.consent for terms in offered)]
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:32]


def _day(time: datetime) -> str:
    return date_format(timezone.localtime(time), "DATE_FORMAT")
