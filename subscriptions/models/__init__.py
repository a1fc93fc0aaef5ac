from subscriptions.models.billing import BillingDetails, BillingProfile, TaxFacts
from subscriptions.models.cart import Cart, CartLine
from subscriptions.models.catalog import Plan, Price, Tier, TierLevel
from subscriptions.models.checkout_failures import CheckoutFailure
from subscriptions.models.contacts import AccountNote, EmailChange, ProviderCustomer, SentEmail, TrialUse
from subscriptions.models.coupons import Coupon, Redemption
from subscriptions.models.declarations import Declaration
from subscriptions.models.email_choices import (
    EMAIL_GROUPS,
    EmailGroup,
    EmailKind,
    EmailOptIn,
    EmailOptOut,
    email_groups,
)
from subscriptions.models.gifts import Gift
from subscriptions.models.grants import Grant
from subscriptions.models.ledger import LedgerContract, LedgerEntry
from subscriptions.models.login_providers import LoginProvider
from subscriptions.models.names import NameChange
from subscriptions.models.orders import Order, OrderLine
from subscriptions.models.payments import Payment, Receipt, ReceiptSeries, Refund
from subscriptions.models.statements import Statement
from subscriptions.models.subscription import Subscription, SubscriptionChange
from subscriptions.models.users import User
from subscriptions.models.webhooks import IgnoredWebhook
