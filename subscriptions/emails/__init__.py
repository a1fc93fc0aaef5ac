"""Emails about accounts, orders, subscriptions and gifts, sent once the change that they report is committed.

Those about orders, subscriptions and gifts are logged as `SentEmail` and never sent twice; see `once`.
"""

from subscriptions.emails.accounts import (
    account_deleted,
    bank_account_changed,
    cancellation_link,
    invitation,
    name_approved,
    name_declined,
    nothing_to_cancel,
    roles_changed,
)
from subscriptions.emails.contracts import (
    cancelled,
    card_expiring,
    ended,
    ending_soon,
    payment_failed,
    plan_changed,
    renewal_ahead,
    trial_ending,
    trial_started,
)
from subscriptions.emails.declarations import declaration_received, declared
from subscriptions.emails.delivery import send_later, send_sign_up
from subscriptions.emails.gifts import gift_bought, gift_received, gift_redeemed
from subscriptions.emails.once import CannotResend, resend
from subscriptions.emails.orders import chargeback, receipt, refunded, reissued, replaced, transfer, welcome
