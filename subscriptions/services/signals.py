"""Signals by which other apps take part in what this one does."""

from django.dispatch import Signal

# A visitor or reader submitted a form that may have fields of other apps, and it was accepted: registration, or an
# order. Sent with `request`; the sender is the name of the form, "registration" or "cart".
form_accepted = Signal()

# The owner of an account has undone a change of its address, which shuts out everyone who got into it. Sent with
# `user`, in the transaction that gives the address back.
account_taken_back = Signal()
