"""Admin for users, plans, orders and access. Ordered prices are never edited."""

from subscriptions.admin import (
    catalog,
    coupons,
    declarations,
    groups,
    login_providers,
    names,
    orders,
    payments,
    receipts,
    subscriptions,
    users,
)

__all__ = [
    "catalog",
    "coupons",
    "declarations",
    "groups",
    "login_providers",
    "names",
    "orders",
    "payments",
    "receipts",
    "subscriptions",
    "users",
]
