"""The demo's accounts, readers and plans."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from articles.models import Author
from subscriptions.models import Plan, Price, Tier, User
from subscriptions.providers.demo import Demo
from subscriptions.services import cart, checkout
from subscriptions.services.sync import sync

PASSWORD = "demo-truthlytics"  # noqa: S105 - printed for everybody; the demo is for one's own machine
# key: (address, display name, what is said of it when the demo starts)
ACCOUNTS = {
    "editor": ("editor@demo.test", "Edith Marlowe", "publishes, and runs the house"),
    "author": ("author@demo.test", "Idris Vahl", "writes own drafts"),
    "moderator": ("moderator@demo.test", "Mo Castellane", "looks after the conversation"),
    "subscriber": ("subscriber@demo.test", "Sanna Berge", "reads everything and comments"),
    "reader": ("reader@demo.test", "Reza Lund", "registered, no plan"),
}
GROUPS = {"editor": "Publisher", "author": "Author", "moderator": "Moderator"}
TIERS = {"subscriber": (10, "Reader"), "supporter": (20, "Supporter")}


def is_demo_site() -> bool:
    return User.objects.filter(email=ACCOUNTS["editor"][0]).exists()


def load_accounts(now: datetime) -> dict[str, User]:
    """The accounts that the demo prints, each with a confirmed address; by key."""
    made = {}
    for key, (email, name, _) in ACCOUNTS.items():
        made[key] = confirmed_user(email, name, now - timedelta(days=400), PASSWORD, is_staff=key in GROUPS)
        if key in GROUPS:
            made[key].groups.add(Group.objects.get(name=GROUPS[key]))
    return made


def load_writers(now: datetime, accounts: Mapping[str, User]) -> dict[str, User]:
    """An account for every author, so that they can answer in the conversation; by the author's slug."""
    made = {}
    for author in Author.objects.order_by("pk"):
        if author.name == accounts["author"].display_name:
            user = accounts["author"]
        else:
            user = confirmed_user(f"{author.slug}@demo.test", author.name, now - timedelta(days=900), is_staff=True)
            user.groups.add(Group.objects.get(name="Author"))
        author.user = user
        author.save(update_fields=["user"])
        made[author.slug] = user
    return made


def confirmed_user(
    email: str, name: str, since: datetime, password: str | None = None, *, is_staff: bool = False
) -> User:
    user = User.objects.create_user(
        email, password, display_name=name, member_since=since, verified_at=since, is_staff=is_staff
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def load_plans(plans: Iterable[Mapping[str, Any]]) -> None:
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
        )
        for interval, sums in fields["prices"].items():
            for currency, minor in sums.items():
                Price.objects.create(plan=plan, minor=minor, currency=currency, interval=interval)


def subscribe(user: User, plan: str, now: datetime) -> None:
    """Let `user` buy a month of `plan` as every reader does: cart, order, payment page. Not in a transaction."""
    price = Price.objects.current().get(plan__slug=plan, interval="month", currency="EUR")
    cart.add(price=price, token="", user=user)
    order = checkout.begin(user=user, provider=Demo.code, confirmed="", now=now)
    Demo().pay(order.checkout_ref)
    sync(order.checkout_ref)
