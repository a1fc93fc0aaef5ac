"""Admin for users, plans, orders and access. Ordered prices are never edited."""

from subscriptions.admin import catalog, orders, subscriptions, users

__all__ = ["catalog", "orders", "subscriptions", "users"]
