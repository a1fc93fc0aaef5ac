from subscriptions.models.cart import Cart, CartLine
from subscriptions.models.catalog import Plan, Price, Tier, TierLevel
from subscriptions.models.grants import Grant
from subscriptions.models.ledger import LedgerEntry
from subscriptions.models.orders import Order, OrderLine, Payment
from subscriptions.models.subscription import Subscription, SubscriptionChange
from subscriptions.models.users import User

__all__ = [
    "Cart",
    "CartLine",
    "Grant",
    "LedgerEntry",
    "Order",
    "OrderLine",
    "Payment",
    "Plan",
    "Price",
    "Subscription",
    "SubscriptionChange",
    "Tier",
    "TierLevel",
    "User",
]
