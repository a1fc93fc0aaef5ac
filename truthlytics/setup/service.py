"""Set up the site: the publication, its first account, a section and a plan, all or nothing and once."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from articles.forms.articles import free_slug
from articles.models import Author, Section
from articles.services.standard_pages import create_standard_pages
from subscriptions.models import Order, Plan, Price, Tier, User
from subscriptions.models.catalog import TierLevel
from subscriptions.services.accounts import mark_email_verified
from truthlytics.audit.log import AuditEntry, log_action, snapshot
from truthlytics.publication.models import Publication
from truthlytics.publication.slugs import make_slug
from truthlytics.setup.access import is_set_up
from truthlytics.transparency.services.rotation import ensure_key


class AlreadySetUp(Exception):
    """There is a staff account."""


@transaction.atomic
def set_up(
    *,
    name: str,
    language: str,
    time_zone: str,
    section: str,
    display_name: str,
    email: str,
    password: str,
    minor: int | None,
) -> User:
    """Return the first account, a publisher. Raises AlreadySetUp if there is a staff account.

    `minor` is the monthly price of the first plan; None for no plan.
    """
    publication = _lock_publication()
    if is_set_up():
        raise AlreadySetUp
    before = snapshot(publication)
    publication.name, publication.language, publication.time_zone = name, language, time_zone
    if not Order.objects.exists():
        publication.selling_waits_since = timezone.now()
    publication.save()
    user = User.objects.create_user(email, password, display_name=display_name, is_staff=True)
    user.groups.add(Group.objects.get(name="Publisher"))
    mark_email_verified(user=user)
    log_action(by=user, row=publication, before=before, after=snapshot(publication), message=_("Set up the site"))
    with translation.override(language):
        rows = [
            user,
            _author_of(user),
            *_first_section(section, language),
            *_first_plan(minor),
            *create_standard_pages(by=user),
        ]
    for row in rows:
        log_action(by=user, row=row, action=AuditEntry.Action.ADDED, after=snapshot(row))
    # If that fails, the dashboard says what is missing.
    transaction.on_commit(ensure_key, robust=True)
    return user


def _lock_publication() -> Publication:
    """Return the row, created if necessary, locked so that only one of several submissions continues."""
    Publication.objects.get_or_create(pk=1, defaults={"name": "–", "tagline": "", "description": ""})
    return Publication.objects.select_for_update().get(pk=1)


def _author_of(user: User) -> Author:
    """Create the page of the user as an author, so that the first article can have one."""
    return Author.objects.create(name=user.display_name, slug=free_slug(user.display_name, model=Author), user=user)


def _first_section(name: str, language: str) -> list[Section]:
    if Section.objects.exists():
        return []
    return [Section.objects.create(name=name, slug=make_slug(name, language)[:50])]


def _first_plan(minor: int | None) -> list[Plan]:
    if minor is None or Plan.objects.exists():
        return []
    name = _("Subscription")
    tier, _created = Tier.objects.get_or_create(
        level=TierLevel.SUBSCRIBER, defaults={"slug": "subscriber", "name": name}
    )
    plan = Plan.objects.create(tier=tier, slug="subscription", name=name)
    Price.objects.create(plan=plan, minor=minor, currency=settings.DEFAULT_CURRENCY, interval="month")
    return [plan]
