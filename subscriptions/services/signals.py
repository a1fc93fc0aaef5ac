"""Signals by which other apps take part in pages of this one."""

from django.dispatch import Signal

# A visitor or reader submitted a form that may have fields of other apps, and it was accepted: registration, or an
# order. Sent with `request`; the sender is the name of the form, "registration" or "cart".
form_accepted = Signal()
