from .access import Grant
from .books import BookEntry
from .cart import Cart, CartLine
from .catalog import Plan, Price, Tier, TierLevel
from .orders import Order, OrderLine, Payment
from .subscription import Subscription, SubscriptionChange
from .users import User

__all__ = [
    "BookEntry",
    "Cart",
    "CartLine",
    "Grant",
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
