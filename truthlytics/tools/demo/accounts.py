"""Accounts, readers and plans of the demo."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from articles.models import Author
from subscriptions.models import Plan, Price, Tier, User
from truthlytics.web.types import Content

PASSWORD = "demo-truthlytics"  # noqa: S105 - printed at start-up; the demo runs on the local machine
# key: (email address, display name, description printed when the demo starts)
ACCOUNTS = {
    "editor": ("editor@demo.test", "Edith Marlowe", "publisher: publishes and manages the site"),
    "author": ("author@demo.test", "Idris Vahl", "author: writes drafts"),
    "moderator": ("moderator@demo.test", "Mo Castellane", "moderator: handles comments"),
    "subscriber": ("subscriber@demo.test", "Sanna Berge", "subscriber: reads everything, comments"),
    "reader": ("reader@demo.test", "Reza Lund", "registered reader without a plan"),
}
GROUPS = {"editor": "Publisher", "author": "Author", "moderator": "Moderator"}
TIERS = {"subscriber": (10, "Reader"), "supporter": (20, "Supporter")}


def is_demo_site() -> bool:
    return User.objects.filter(email=ACCOUNTS["editor"][0]).exists()


def load_accounts(now: datetime) -> dict[str, User]:
    """Create the accounts of ACCOUNTS with confirmed email addresses; return them by key."""
    users = {}
    # Hashing is slow on purpose, and all accounts have the same password.
    password = make_password(PASSWORD)
    for key, (email, name, _) in ACCOUNTS.items():
        users[key] = confirmed_user(email, name, now - timedelta(days=400), is_staff=key in GROUPS)
        users[key].password = password
        users[key].save(update_fields=["password"])
        if key in GROUPS:
            users[key].groups.add(Group.objects.get(name=GROUPS[key]))
    return users


def load_writers(now: datetime, accounts: Mapping[str, User]) -> dict[str, User]:
    """Create an account for every author, so that they can reply to comments; return them by author slug."""
    users = {}
    for author in Author.objects.order_by("pk"):
        if author.name == accounts["author"].display_name:
            user = accounts["author"]
        else:
            user = confirmed_user(f"{author.slug}@demo.test", author.name, now - timedelta(days=900), is_staff=True)
            user.groups.add(Group.objects.get(name="Author"))
        author.user = user
        author.save(update_fields=["user"])
        users[author.slug] = user
    return users


def confirmed_user(email: str, name: str, since: datetime, *, is_staff: bool = False) -> User:
    user = User.objects.create_user(email, display_name=name, member_since=since, verified_at=since, is_staff=is_staff)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def load_plans(plans: Iterable[Content]) -> None:
    for position, fields in enumerate(plans):
        level, name = TIERS[fields["tier"]]
        tier, _ = Tier.objects.get_or_create(level=level, defaults={"slug": fields["tier"], "name": name})
        plan = Plan.objects.create(
            tier=tier,
            slug=fields["slug"],
            name=fields["name"],
            summary=fields["summary"],
            benefits="\n".join(fields["benefits"]),
            position=position,
            trial_days=fields.get("trial_days", 0),
        )
        for interval, amounts in fields["prices"].items():
            for currency, minor in amounts.items():
                Price.objects.create(plan=plan, minor=minor, currency=currency, interval=interval)
