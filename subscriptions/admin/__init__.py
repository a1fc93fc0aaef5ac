"""People, plans, orders and access in the newsroom. Money that somebody ordered at is never edited."""

from subscriptions.admin import catalog, orders, people, subscriptions

__all__ = ["catalog", "orders", "people", "subscriptions"]
