"""What may follow what in the life of a subscription. Pure.

"Cancelled" is no state: it is `cancel_at`, so that undoing it is trivial and nobody is cut off early.
Subscribing again is a new row.
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
}
EVENTS = sorted({event for _, event in TRANSITIONS})


class IllegalTransition(Exception):
    """The subscription is in no state in which this can happen."""


def after(state: str, event: str) -> str:
    """The state that `event` leads to from `state`; raises IllegalTransition."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"{event} cannot happen to a subscription that is {state}.") from None
