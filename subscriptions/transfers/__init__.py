"""Bank transfers: what a reader needs to pay an order, and the QR code that banking apps read."""

from subscriptions.transfers.details import Transfer, pay_by, transfer_of

__all__ = ["Transfer", "pay_by", "transfer_of"]
