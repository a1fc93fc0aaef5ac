from subscriptions.models.cart import Cart, CartLine
from subscriptions.models.catalog import Plan, Price, Tier, TierLevel
from subscriptions.models.email_choices import EmailKind, EmailOptOut
from subscriptions.models.grants import Grant
from subscriptions.models.ledger import LedgerEntry
from subscriptions.models.names import NameChange
from subscriptions.models.orders import Order, OrderLine, Payment
from subscriptions.models.subscription import Subscription, SubscriptionChange
from subscriptions.models.users import User

__all__ = [
    "Cart",
    "CartLine",
    "EmailKind",
    "EmailOptOut",
    "Grant",
    "LedgerEntry",
    "NameChange",
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
