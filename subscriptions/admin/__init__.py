"""People, plans, orders and access in the newsroom. Money that somebody ordered at is never edited."""

from subscriptions.admin import catalog, orders, subscriptions, users

__all__ = ["catalog", "orders", "subscriptions", "users"]
