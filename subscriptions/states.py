"""State machine of subscriptions. Pure.

"Cancelled" is not a state but the field `cancel_at`, so that it can be undone and no one loses access early.
Subscribing again creates a new row; only a withdrawal that its reader undoes continues one that has ended.
"""

from truthlytics.web.text import split_words

PENDING, TRIALING, ACTIVE, PAST_DUE, ENDED = "pending", "trialing", "active", "past_due", "ended"
LIVE = (PENDING, TRIALING, ACTIVE, PAST_DUE)
# The sources of access that is neither paid for nor given.
TRIAL, GRACE = FREE = ("trial", "grace")

TRANSITIONS = {
    (PENDING, "first_paid"): ACTIVE,
    (PENDING, "trial_started"): TRIALING,
    (TRIALING, "first_paid"): ACTIVE,
    (ACTIVE, "renewed"): ACTIVE,
    (PAST_DUE, "renewed"): ACTIVE,
    (PAST_DUE, "first_paid"): ACTIVE,
    (TRIALING, "payment_failed"): PAST_DUE,
    (ACTIVE, "payment_failed"): PAST_DUE,
    (ACTIVE, "plan_changed"): ACTIVE,
    (TRIALING, "plan_changed"): TRIALING,
    (PAST_DUE, "plan_changed"): PAST_DUE,
    (ENDED, "withdrawal_undone"): ACTIVE,
    (ENDED, "trial_resumed"): TRIALING,
}
for _state in (TRIALING, ACTIVE, PAST_DUE):
    TRANSITIONS |= {
        (_state, "cancel_requested"): _state,
        (_state, "cancel_undone"): _state,
        (_state, "cancel_reached"): ENDED,
        (_state, "term_over"): ENDED,
    }
for _state in LIVE:
    TRANSITIONS |= {
        (_state, event): ENDED
        for event in split_words(
            "abandoned unpaid ended_by_provider ended_by_editor refunded withdrawn charged_back replaced "
            "account_deleted"
        )
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
