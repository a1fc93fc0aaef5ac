"""Coupons, promotion codes and the discounts they give."""

from typing import Any

from tests.fakestripe.payments import Payments
from tests.fakestripe.requests import ApiError
from tests.fakestripe.store import Object, add_interval


def amount_off(coupon: Object, amount: int) -> int:
    """Return what `coupon` takes off `amount`, at most the whole amount."""
    return min(amount, coupon["amount_off"] or round(amount * (coupon["percent_off"] or 0) / 100))


class Discounts(Payments):
    def create_coupon(self, **data: Any) -> Object:
        if "id" in data and data["id"] in self.objects:
            raise ApiError(400, "Coupon already exists.", code="resource_already_exists")
        if (data.get("percent_off") is None) == (data.get("amount_off") is None):
            raise ApiError(400, "You must pass exactly one of percent_off and amount_off.")
        if data.get("amount_off") is not None and not data.get("currency"):
            raise ApiError(400, "You must pass currency when passing amount_off.", param="currency")
        if (data.get("duration") == "repeating") != ("duration_in_months" in data):
            raise ApiError(400, "duration_in_months goes with duration=repeating.", param="duration_in_months")
        defaults = {"amount_off": None, "percent_off": None, "currency": None, "duration": "once"}
        defaults |= {"duration_in_months": None, "max_redemptions": None, "redeem_by": None}
        return self.put("coupon", "cpn", **defaults | {"times_redeemed": 0, "valid": True} | data)

    def create_promotion_code(self, promotion: Any, code: str | None = None, **data: Any) -> Object:
        self.get(promotion["coupon"], "coupon")
        defaults = {"active": True, "max_redemptions": None, "expires_at": None, "times_redeemed": 0}
        code = code or self.new_id("CODE")
        return self.put("promotion_code", "promo", code=code, promotion=promotion, **defaults | data)

    def check_coupon(self, coupon: Object, currency: str, code: Object | None = None) -> None:
        """Raise the error that Stripe answers with if the coupon or its code can't be used."""
        for thing in filter(None, (coupon, code)):
            spent = thing["max_redemptions"] and thing["times_redeemed"] >= thing["max_redemptions"]
            late = thing.get("redeem_by") or thing.get("expires_at")
            if spent or (late and late < self.now) or not thing.get("valid", True) or not thing.get("active", True):
                raise ApiError(
                    400, "This coupon has been redeemed the maximum number of times or expired.", code="coupon_expired"
                )
        if coupon["amount_off"] and coupon["currency"] != currency:
            raise ApiError(400, f"The coupon is not in {currency}.", param="discounts")

    def coupon_named(self, discount: Object, currency: str) -> tuple[Object, Object | None]:
        """Return the coupon and promotion code of an entry of `discounts`."""
        code = self.get(discount["promotion_code"], "promotion_code") if "promotion_code" in discount else None
        coupon = self.get(code["promotion"]["coupon"] if code else discount["coupon"], "coupon")
        self.check_coupon(coupon, currency, code)
        return coupon, code

    def redeem(self, coupon: Object, code: Object | None, *, customer: str | None, **target: str) -> str:
        """Count a use and return the id of the new discount."""
        for thing in filter(None, (coupon, code)):
            thing["times_redeemed"] += 1
        end = add_interval(self.now, "month", coupon["duration_in_months"]) if coupon["duration_in_months"] else None
        discount = self.put(
            "discount",
            "di",
            source={"type": "coupon", "coupon": coupon["id"]},
            promotion_code=code["id"] if code else None,
            customer=customer,
            start=self.now,
            end=end,
            **target,
        )
        return discount["id"]

    def coupon_of(self, discount: str) -> Object:
        return self.get(self.get(discount, "discount")["source"]["coupon"], "coupon")

    def discounts_on(self, subscription: Object, amount: int) -> list[tuple[str, int]]:
        """Return the discounts that apply now, with their amounts."""
        found = []
        for id in subscription["discounts"]:
            end = self.get(id, "discount")["end"]
            if end is None or self.now < end:
                off = amount_off(self.coupon_of(id), amount)
                amount -= off
                found.append((id, off))
        return found

    def use_discounts(self, subscription: Object) -> None:
        """Take discounts off the subscription that were for one payment or have run out."""
        running = [self.get(id, "discount") for id in subscription["discounts"]]
        kept = [d for d in running if self.coupon_of(d["id"])["duration"] != "once"]
        subscription["discounts"] = [d["id"] for d in kept if d["end"] is None or self.now < d["end"]]
