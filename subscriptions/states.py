"""State machine of subscriptions. Pure.

"Cancelled" is not a state but the field `cancel_at`, so that it can be undone and no one loses access early.
Subscribing again creates a new row.
"""

PENDING, ACTIVE, ENDED = "pending", "active", "ended"
LIVE = (PENDING, ACTIVE)

TRANSITIONS = {
    (PENDING, "first_paid"): ACTIVE,
    (PENDING, "abandoned"): ENDED,
    (ACTIVE, "cancel_requested"): ACTIVE,
    (ACTIVE, "cancel_undone"): ACTIVE,
    (ACTIVE, "cancel_reached"): ENDED,
    (ACTIVE, "term_over"): ENDED,
    (ACTIVE, "ended_by_editor"): ENDED,
    (PENDING, "account_deleted"): ENDED,
    (ACTIVE, "account_deleted"): ENDED,
}
EVENTS = sorted({event for _, event in TRANSITIONS})


class IllegalTransition(Exception):
    """The event is not allowed in the subscription's state."""


def after(state: str, event: str) -> str:
    """Return the state after `event`. Raises IllegalTransition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"The event {event} is not allowed for a subscription that is {state}.") from None
