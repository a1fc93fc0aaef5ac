"""Factory functions for tests; every argument has a default."""

import io
import wave
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from PIL import Image as Pillow

from articles.corrections.wording import words_differ
from articles.homepage.layout import Layout
from articles.models import (
    Article,
    Author,
    Byline,
    Counts,
    Document,
    Dossier,
    ErrorReport,
    HomepageDraft,
    HomepageEdition,
    Image,
    Page,
    ReadCount,
    Recording,
    Section,
    Series,
    Source,
    Topic,
    Version,
)
from articles.services import publishing
from articles.services.documents import add_document
from articles.services.error_reports import receive_report
from articles.services.homepage import last_number, publish_draft, save_draft
from articles.services.media import add_to_library, store_recording
from articles.services.publishing import publish
from articles.sources.addresses import key_of
from comments.models import Comment, Thread
from comments.text import render
from subscriptions.models import Coupon, Grant, Order, Payment, Plan, Price, Subscription, Tier, User
from subscriptions.services.accounts import mark_email_verified
from subscriptions.services.cart import add as add_to_cart
from subscriptions.services.checkout import place_and_start
from subscriptions.services.sync import mark_paid, sync_order
from truthlytics.tools.demo.provider import Demo

_numbers = count(1)
PASSWORD = "a-long-password"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
BODY = "<p>The free text of the article.</p><hr data-gate><p>The gated text of the article.</p>"


def make_user(**fields: Any) -> User:
    """A registered reader with a confirmed email address (unless `verified=False`) and the password `PASSWORD`."""
    number = next(_numbers)
    verified = fields.pop("verified", True)
    fields.setdefault("email", f"reader{number}@example.org")
    fields.setdefault("display_name", f"Reader {number}")
    user = User.objects.create_user(password=fields.pop("password", PASSWORD), **fields)
    if verified:
        mark_email_verified(user=user)
    return user


def make_editor(**fields: Any) -> User:
    return make_user(**{"is_staff": True, "is_superuser": True, "display_name": "Edith Orr", **fields})


def make_section(**fields: Any) -> Section:
    number = next(_numbers)
    fields.setdefault("name", f"Section {number}")
    fields.setdefault("slug", f"section-{number}")
    return Section.objects.create(**fields)


def make_topic(**fields: Any) -> Topic:
    number = next(_numbers)
    fields.setdefault("name", f"Topic {number}")
    fields.setdefault("slug", f"topic-{number}")
    return Topic.objects.create(**fields)


def make_series(**fields: Any) -> Series:
    number = next(_numbers)
    fields.setdefault("name", f"Series {number}")
    fields.setdefault("slug", f"series-{number}")
    return Series.objects.create(**fields)


def make_author(**fields: Any) -> Author:
    number = next(_numbers)
    fields.setdefault("name", f"Author {number}")
    fields.setdefault("slug", f"author-{number}")
    return Author.objects.create(**fields)


def make_source(url: str = "https://example.org/report", **fields: Any) -> Source:
    """A source with an address, or with `url=""` and its title only."""
    fields.setdefault("title", f"Source {next(_numbers)}")
    return Source.objects.create(url=url, key=key_of(url, fields["title"]), **fields)


def make_draft(*, authors: list[Author] | None = None, topics: list[Topic] | None = None, **fields: Any) -> Article:
    number = next(_numbers)
    fields.setdefault("headline", f"Headline {number}")
    fields.setdefault("slug", f"headline-{number}")
    fields.setdefault("standfirst", f"Standfirst {number}.")
    fields.setdefault("body", BODY)
    fields.setdefault("ai_uses", ["none"])
    if "section" not in fields:
        fields["section"] = make_section()
    article = Article.objects.create(**fields)
    for position, author in enumerate(authors if authors is not None else [make_author()]):
        Byline.objects.create(article=article, author=author, position=position)
    article.topics.set(topics or [])
    return article


def make_article(*, at: datetime | None = None, **fields: Any) -> Article:
    """An article published at `at` (default: now)."""
    article = make_draft(**fields)
    publish(item=article, at=at)
    return article


def add_reads(people: dict[tuple[date, int], int]) -> None:
    """Add people by day and article id."""
    ReadCount.objects.add({key: Counts(number, 0, 0, 0, 0) for key, number in people.items()})


def make_error_report(article: Article, **fields: Any) -> ErrorReport:
    """A report of an error in the served version of `article`."""
    fields.setdefault("text", "The figure is wrong.")
    report = ErrorReport(version=article.served(), **fields)
    receive_report(report=report)
    return report


def make_version(article: Article, **changes: Any) -> Version:
    """Change and republish `article`. `at`, `note`, `kind` and `by` are passed to `publish_change`."""
    options = {name: changes.pop(name) for name in ("at", "note", "kind", "by") if name in changes}
    for name, value in changes.items():
        setattr(article, name, value)
    article.save()
    return publish_change(article, **options)


def publish_change(item: Any, **options: Any) -> Any:
    """Publish what was changed in `item`.

    Other words of an article are an update, unless `options` have a kind, or a user, who is asked for one.
    """
    stored = type(item).objects.get(pk=item.pk)
    before = stored.live if isinstance(stored, Article) else None
    is_said = before is None or "kind" in options or options.get("by") is not None
    if not is_said and words_differ(before.content, publishing.content_of(stored)):
        options |= {"kind": "update", "note": options.get("note") or "There is news."}
    return publish(item=item, **options)


def make_page(*, at: datetime | None = None, published: bool = True, **fields: Any) -> Page:
    """A page of the publication, published at `at` (default: now)."""
    number = next(_numbers)
    fields = {"headline": f"Page {number}", "slug": f"page-{number}", "body": "<p>Who we are.</p>"} | fields
    page = Page.objects.create(**fields)
    if published:
        publishing.publish(item=page, at=at)
    return page


def make_edition(layout: Layout | None = None, *, at: datetime | None = None, **fields: Any) -> HomepageEdition:
    """An edition of the front page, filled automatically by default, served from `at` (default: now)."""
    draft = save_draft(layout=layout or Layout(), seen=HomepageDraft.current().version)
    return publish_draft(seen=draft.version, last=last_number(), at=at, **fields)


def make_dossier(
    *articles: Article, entries: list[dict[str, Any]] | None = None, publish: bool = True, **fields: Any
) -> Dossier:
    """A dossier of `articles` in this order with the dated `entries`, published by default."""
    number = next(_numbers)
    fields.setdefault("title", f"Dossier {number}")
    fields.setdefault("slug", f"dossier-{number}")
    fields.setdefault("summary", "<p>What it is about.</p>")
    fields.setdefault("order", "hand")
    dossier = Dossier.objects.create(**fields)
    for position, article in enumerate(articles, start=1):
        dossier.articles.create(article=article, position=position)
    for entry in entries or []:
        dossier.entries.create(**entry)
    if publish:
        publishing.publish(item=dossier)
    return dossier


def image_file(*, width: int = 900, height: int = 600, kind: str = "PNG", color: str = "teal") -> io.BytesIO:
    buffer = io.BytesIO()
    Pillow.new("RGB", (width, height), color).save(buffer, kind)
    buffer.seek(0)
    return buffer


def make_image(**fields: Any) -> Image:
    number = next(_numbers)
    # Not near a color with a name, which other tests use: "navy" is #000080, and was the 128th.
    file = fields.pop("file", None) or image_file(color=f"#f{number % 0xFFFFF:05x}")
    fields.setdefault("alt", "A teal field")
    fields.setdefault("credit", "Drawing: T. Est")
    return add_to_library(file=file, **fields)


def make_document(data: bytes = PDF, **fields: Any) -> Document:
    document = Document(**{"title": "A report", "credit": "Court of Auditors"} | fields)
    return add_document(document=document, file=io.BytesIO(data))[0]


def audio_file(*, seconds: int = 3, tone: int = 0) -> io.BytesIO:
    """An 8 kHz WAV file; files with different `tone` differ."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes([tone % 256]) * (8000 * seconds))
    buffer.seek(0)
    return buffer


def make_recording(**fields: Any) -> Recording:
    file = fields.pop("file", None) or audio_file(tone=next(_numbers))
    recording = Recording(**{"title": "Read by T. Est"} | fields)
    store_recording(recording, file)
    return recording


# --- users, access and plans ----------------------------------------------------------------------
def make_grant(user: User, level: int = 10, *, may_comment: bool = True, days: float = 30, **fields: Any) -> Grant:
    """Access that is active now; with negative `days`, access that has ended."""
    now = timezone.now()
    span = {"starts_at": now - timedelta(days=60), "ends_at": now + timedelta(days=days)}
    return Grant.objects.create(user=user, level=level, may_comment=may_comment, **span | fields)


def make_subscriber(level: int = 10, *, may_comment: bool = True, **fields: Any) -> User:
    user = make_user(**fields)
    make_grant(user, level, may_comment=may_comment)
    return user


def make_lapsed_reader(level: int = 10) -> User:
    """A user whose paid access has ended."""
    user = make_user()
    make_grant(user, level, days=-1)
    return user


def make_staff(*permissions: str, **fields: Any) -> User:
    """Active staff with `permissions`, each as "app.codename"."""
    user = make_user(is_staff=True, **fields)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def make_tier(level: int = 10, **fields: Any) -> Tier:
    names = {10: "Reader", 20: "Patron"}
    defaults = {"name": names[level], "slug": names[level].lower(), "benefits": "Every article in full\nWrite comments"}
    return Tier.objects.get_or_create(level=level, defaults=defaults | fields)[0]


def make_plan(tier: Tier | None = None, **fields: Any) -> Plan:
    tier = tier or make_tier()
    return Plan.objects.create(**{"tier": tier, "slug": f"plan-{next(_numbers)}", "name": tier.name} | fields)


def make_price(plan: Plan | None = None, **fields: Any) -> Price:
    defaults = {"plan": plan or make_plan(), "minor": 900, "currency": "EUR", "interval": "month"}
    return Price.objects.create(**defaults | fields)


def make_commenter(*, trusted: bool = True, **fields: Any) -> User:
    """A subscriber whose comments need no approval, or with `trusted=False`, one whose next comment does."""
    user = make_subscriber(**fields)
    if trusted:
        make_comment(author=user)
    return user


def make_comment(*, article: Article | None = None, parent: Comment | None = None, **fields: Any) -> Comment:
    """A visible comment that is counted. Pass `status` for another state, `parent` for a reply."""
    article = article or (parent.article if parent else make_article())
    fields.setdefault("text", "A thought.")
    fields.setdefault("status", Comment.Status.VISIBLE)
    if "author" not in fields:
        fields["author"] = make_user()
    if fields["status"] == Comment.Status.VISIBLE:
        fields.setdefault("approved_at", timezone.now())
    comment = Comment.objects.create(article=article, parent=parent, html=render(fields["text"]), **fields)
    comment.set_path(parent)
    comment.save()
    Thread.objects.get_or_create(article=article)
    Thread.objects.count_change(article.pk, int(comment.is_visible))
    return comment


def make_comments(article: Article, number: int, **fields: Any) -> None:
    """Create `number` top-level comments by one user."""
    first = make_comment(article=article, **fields)
    values = {"article": article, "author": first.author, "text": first.text, "html": first.html}
    comments = Comment.objects.bulk_create(
        Comment(**values, status=first.status, approved_at=first.approved_at) for _ in range(number - 1)
    )
    for comment in comments:
        comment.set_path(None)
    Comment.objects.bulk_update(comments, ["path"], batch_size=500)
    Thread.objects.count_change(article.pk, number - 1)


def make_order(user: User | None = None, price: Price | None = None, *, provider: str = "demo") -> Order:
    """An open order, started at `provider`. The demo provider needs settings.DEMO."""
    user = user or make_user()
    add_to_cart(price=price or make_price(), token="", user=user)
    return place_and_start(user=user, provider=provider, confirmed="", now=timezone.now())


def make_paid(user: User | None = None, price: Price | None = None) -> Subscription:
    """A subscription that was ordered and paid."""
    order = make_order(user, price, provider="manual")
    mark_paid(order=order, by="an editor")
    return Subscription.objects.get(grants__source_key=str(order.uuid))


def make_subscription(user: User | None = None, *, days: float = 20, **fields: Any) -> Subscription:
    """A running subscription with its grant, whose period ends in `days`. With `provider_ref`, its provider renews it.

    Nothing was ordered or paid: see `make_payment`.
    """
    now = timezone.now()
    fields["price"] = fields.get("price") or make_price()
    defaults = {"provider": "demo" if fields.get("provider_ref") else "manual", "status": "active"}
    span = {"anchor": now - timedelta(days=10), "period_start": now - timedelta(days=10)}
    end = {"period_end": now + timedelta(days=days)}
    subscription = Subscription.objects.create(user=user or make_user(), **defaults | span | end | fields)
    tier = subscription.price.plan.tier
    times = {"starts_at": subscription.period_start, "ends_at": subscription.period_end}
    make_grant(subscription.user, tier.level, source="invoice", subscription=subscription, **times)
    return subscription


def make_renewing(user: User | None = None, price: Price | None = None) -> Subscription:
    """A subscription paid at the demo provider, which renews it. Needs settings.DEMO."""
    order = make_order(user, price)
    Demo().pay(order.checkout_ref)
    sync_order(order)
    return Subscription.objects.get(user=order.user)


def make_payment(subscription: Subscription | None = None, **fields: Any) -> Payment:
    """A payment that succeeded, without a receipt."""
    now = timezone.now()
    if subscription is not None:
        fields = {"user": subscription.user, "subscription": subscription, "provider": subscription.provider} | fields
        fields = {"description": subscription.price.description} | fields
    defaults = {"provider": "demo", "provider_ref": f"pay_{next(_numbers)}", "status": "succeeded"}
    defaults |= {"minor": 900, "currency": "EUR", "method": "Visa ending 4242", "recorded_at": now, "paid_at": now}
    fields["user"] = fields.get("user") or make_user()
    return Payment.objects.create(**defaults | fields)


def make_coupon(**fields: Any) -> Coupon:
    """A coupon of 25 % for the first payment, with the code SPRING25."""
    return Coupon.objects.create(**{"code": "SPRING25", "percent": 25} | fields)


def make_member(role: str, **fields: Any) -> User:
    """A member of the newsroom with the group `role` (Author, Editor, Moderator, Publisher)."""
    user = make_user(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user
