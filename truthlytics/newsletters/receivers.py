"""Signal receivers: what happens to accounts, articles and newsletters, and newsletters ticked in another form."""

from collections.abc import Collection
from functools import partial

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.contrib.auth.signals import user_logged_in
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from articles.models import Article, Version
from articles.signals import collect_publish_forms, collect_unschedule_forms, version_published
from subscriptions.models import User
from subscriptions.services.signals import form_accepted
from truthlytics.cache.invalidation import invalidate
from truthlytics.newsletters import ticked
from truthlytics.newsletters.admin.publishing import ScheduledEmailForm, SendByEmailForm, form_for, form_for_scheduled
from truthlytics.newsletters.models import Issue, Newsletter
from truthlytics.newsletters.services.accounts import sync_account
from truthlytics.newsletters.services.decisions import follow_publication
from truthlytics.publication.models import Publication

ADDRESS_COLUMNS = {"email", "verified_at"}


@receiver(post_save, sender=User)
def user_saved(
    sender: type[models.Model], instance: User, update_fields: Collection[str] | None = None, **kwargs: object
) -> None:
    if update_fields is None or ADDRESS_COLUMNS.intersection(update_fields):
        transaction.on_commit(partial(sync_account, instance.pk))


@receiver(email_changed)
def address_changed(sender: type[models.Model], user: User, **kwargs: object) -> None:
    transaction.on_commit(partial(sync_account, user.pk))


@receiver(email_confirmed)
def address_confirmed(sender: type[models.Model], email_address: EmailAddress, **kwargs: object) -> None:
    transaction.on_commit(partial(sync_account, email_address.user_id))


@receiver(form_accepted)
def newsletters_ticked(sender: str, request: HttpRequest, **kwargs: object) -> None:
    """Sign up a reader for what they ticked while buying, and remember it for visitors until they have an account."""
    ticked.remember(request, source=sender)
    ticked.sign_up(request)


@receiver([post_save, post_delete], sender=Newsletter)
def newsletters_changed(**kwargs: object) -> None:
    """Note in the publication whether there is a newsletter to sign up for."""
    offers = Newsletter.objects.offered().exists()
    for publication in Publication.objects.exclude(offers_newsletters=offers):
        publication.offers_newsletters = offers
        publication.save(update_fields=["offers_newsletters"])


@receiver([post_save, post_delete], sender=Newsletter)
@receiver([post_save, post_delete], sender=Issue)
def pages_changed(**kwargs: object) -> None:
    invalidate("newsletters")


@receiver(collect_publish_forms)
def send_by_email(item: object, user: User, data: object, **kwargs: object) -> SendByEmailForm | None:
    """Offer to send an article by email when it is published."""
    return form_for(item, user, data)


@receiver(collect_unschedule_forms)
def keep_or_take_back_email(item: object, user: User, data: object, **kwargs: object) -> ScheduledEmailForm | None:
    """Ask what becomes of the scheduled emails of an article that is unscheduled."""
    return form_for_scheduled(item, user, data)


@receiver(version_published)
def move_scheduled_emails(article: Article, version: Version | None = None, **kwargs: object) -> None:
    """Let emails with a scheduled article wait until it is public."""
    if version is not None:
        follow_publication(article=article, version=version)


@receiver(user_logged_in)
def visitor_logged_in(sender: type[models.Model], request: HttpRequest | None, **kwargs: object) -> None:
    if request is not None:
        ticked.sign_up(request)
