"""Saving what a reader chose on one page: newsletters, what they follow, and how often."""

from datetime import datetime

from django.db import transaction
from django.http import QueryDict

from truthlytics.newsletters.models import Address, Newsletter, SignUp
from truthlytics.newsletters.services import follows, sign_up
from truthlytics.web.ids import parse_id


@transaction.atomic
def save(*, address: Address, submitted: QueryDict, now: datetime) -> None:
    """Store the choices of a form: `newsletters` and `follows` are ticked, of those in `shown` and `shown_follows`.

    What the form did not show stays as it is, such as what was followed after it was opened. Anything else that is
    `submitted` is ignored. The button `action=resume` turns on the emails about what is followed.
    """
    shown, wanted = _ids(submitted, "shown"), _ids(submitted, "newsletters")
    sign_up.leave(address=address, newsletters=shown - wanted)
    active = set(address.sign_ups.active().values_list("newsletter", flat=True))
    new = Newsletter.objects.offered().filter(pk__in=wanted - active).values_list("pk", flat=True)
    request = sign_up.Request(
        address.email, tuple(new), SignUp.Source.ACCOUNT, now.timestamp(), frequency=submitted.get("frequency", "")
    )
    sign_up.sign_up(request, now)
    follows.unfollow(address=address, ids=_ids(submitted, "shown_follows") - _ids(submitted, "follows"))
    if submitted.get("action") == "resume":
        follows.resume(address)


def _ids(submitted: QueryDict, name: str) -> set[int]:
    return {pk for value in submitted.getlist(name) if (pk := parse_id(value)) is not None}
