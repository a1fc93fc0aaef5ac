"""What ends keys of readers beside themselves."""

from django.dispatch import receiver
from django.utils import timezone

from subscriptions.models import User
from subscriptions.services.signals import account_taken_back
from truthlytics.contrib.api.models import Key


@receiver(account_taken_back)
def revoke_keys(user: User, **kwargs: object) -> None:
    """Revoke all keys of an account that someone else has got into."""
    Key.objects.of_reader(user).update(revoked_at=timezone.now())
