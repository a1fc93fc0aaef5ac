"""What is measured, by name. Each benchmark yields CPU milliseconds of requests, and other figures."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import batched
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from comments.services.posting import post_comment
from subscriptions.models import Payment, Receipt, ReceiptSeries, Subscription, SubscriptionChange, User
from subscriptions.periods import add_intervals
from truthlytics.tools.bench.api import measure
from truthlytics.tools.bench.corpus import LONG, VOCABULARY, Corpus, vocabulary
from truthlytics.tools.bench.newsletters import newsletters
from truthlytics.tools.bench.results import Row, at_most, figure
from truthlytics.tools.bench.server import Server, running
from truthlytics.tools.bench.statistics import statistics
from truthlytics.tools.bench.transparency import transparency

SERVE = [sys.executable, "manage.py", "serve", "--port", "PORT", "--workers", "1"]
PLAIN = [
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "PORT", "--no-ws", "--blocking-threads", "8"),
    *("--log-level", "error", "truthlytics.tools.bench.plain_view:application"),
]
DISCUSSED, FEW_COMMENTS, WARM, REPEAT = 250, 20, 10, 20
MONTHS = 60
PAYMENTS, COMMENTS, QUICK = 200_000, 10_000, 120
READERS, DISCUSSION = 30_000, 100_000
MAX_BYTES, MEMORY, START = 8 * 1024, 110, 1.4
Benchmark = Callable[[Corpus, bool], Iterator[Row]]


def reading(corpus: Corpus, quick: bool) -> Iterator[Row]:
    """Each address is asked once, so that no request finds what its neighbours have left in the caches."""
    newest = list(Article.objects.filter(slug__startswith="article-").order_by("-published_at", "-pk")[:DISCUSSED])
    for article in newest:
        corpus.add_comments(article, FEW_COMMENTS)
    size = corpus.article(corpus.articles + 1, words=LONG, slug="measured-size")
    corpus.add_comments(size, FEW_COMMENTS)
    cookie, repeat = corpus.subscriber(), 2 if quick else REPEAT
    addresses = [article.get_absolute_url() for article in newest]
    unasked = len(newest) * 4 // 25
    fresh, once, warm = addresses[:unasked], addresses[unasked:-WARM], addresses[-WARM:]
    discussed = list(zip(addresses, newest, strict=True))[unasked:]
    with running(PLAIN, warm[0], "truthlytics.tools.bench.plain_settings") as plain:
        plain.ask(warm)
        plain.ask(warm, cookie)
        yardstick = plain.ask(once)
        peers = plain.ask([f"/peers{address}" for address in once])
        personal = plain.ask(fresh, cookie)
    with running(SERVE, warm[0]) as server:
        server.ask([*warm, "/", "/feeds/rss.xml"])
        server.ask(warm, cookie)
        yield figure("plain Django view of what other systems show: each address once", peers)
        yield figure("plain Django view of today’s page: each address once", yardstick)
        yield at_most(2 * yardstick, f"article: each of {len(once)} addresses once", server.ask(once))
        pss, rss = server.memory()
        yield figure("article: page cached", server.ask(once))
        yield figure("plain Django view for a subscriber", personal)
        yield at_most(personal, "article for a subscriber: addresses nobody has asked", server.ask(fresh, cookie))
        yield at_most(personal, "article for a subscriber: fragments cached", server.ask(once[::5], cookie))
        after_comment = [server.ask([path], before=partial(comment, row)) for path, row in discussed[:repeat]]
        yield figure("article: after a comment on it", sum(after_comment) / repeat)
        for name, path in (("front page", "/"), ("feed", "/feeds/rss.xml")):
            yield figure(f"{name}: after a comment", server.ask([path] * repeat, before=lambda: comment(newest[0])))
            publish = lambda: corpus.article(0, slug=f"news-{uuid4().hex}")  # noqa: E731
            yield figure(f"{name}: after a publication", server.ask([path] * repeat, before=publish))
        yield from size_rows(server, size.get_absolute_url())
        yield at_most(MEMORY, f"memory of server and worker after {len(once)} reads, shared pages once", pss, "MiB")
        yield figure("memory of server and worker, resident", rss, "MiB")
        yield at_most(START, "CPU until the first page", server.cpu_to_start, "s")


def comment(article: Article) -> None:
    author = User.objects.filter(comments__article=article)[0]
    post_comment(article=article, author=author, text=f"A comment of a few words. {uuid4()}", key=uuid4())


def size_rows(server: Server, path: str) -> Iterator[Row]:
    name = f"article of {LONG} words with {FEW_COMMENTS} comments"
    yield figure(f"{name}: uncompressed", len(server.get(path, encodings="identity")), "bytes")
    yield figure(f"{name}: gzip, first request", len(server.get(path, encodings="gzip")), "bytes")
    for _ in range(5):  # until it is popular and compressed in the background
        server.get(path)
        time.sleep(0.2)
    yield at_most(MAX_BYTES, f"{name}: Brotli", len(server.get(path)), "bytes")


def newsroom(corpus: Corpus, quick: bool) -> Iterator[Row]:
    corpus.add_discussion(*((QUICK, QUICK) if quick else (READERS, DISCUSSION)))
    articles, comments, readers = (
        reverse(f"admin:{name}_changelist") for name in ("articles_article", "comments_comment", "subscriptions_user")
    )
    frequent, rare, unknown = word_at(100), word_at(5_000), "xylophone"
    reader = User.objects.get(email="reading1@bench.invalid")
    pages = {
        "list of articles": articles,
        "list of articles, last page": f"{articles}?p={-(-Article.objects.count() // 40)}",
        "search of articles, frequent word": f"{articles}?q={frequent}",
        "search of articles, rare word": f"{articles}?q={rare}",
        "search of articles, an author’s name": f"{articles}?q=Elm",
        "list of comments": comments,
        "list of comments, in the middle": f"{comments}?p={1 if quick else 900}",
        "search of comments, frequent word": f"{comments}?q={frequent}",
        "search of comments, rare word": f"{comments}?q={rare}",
        "search of comments, two words": f"{comments}?q={frequent}+{rare}",
        "search of comments, unknown word": f"{comments}?q={unknown}",
        "list of readers, first page": readers,
        "list of readers, in the middle": f"{readers}?p={1 if quick else 150}",
        "search of readers, address": f"{readers}?q=reading123",
        "search of readers, name": f"{readers}?q={reader.display_name.split()[0]}",
        "page of a reader who comments": reverse("admin:subscriptions_user_change", args=[reader.pk]),
        "dashboard": reverse("admin:index"),
        "palette, one word": f"{reverse('admin:find_answers')}?q={rare}",
    }
    yield from page_rows(corpus, pages, 100, quick)


def word_at(rank: int) -> str:
    """Return the most frequent word of the vocabulary from `rank` on that is long enough to be searched for."""
    return next(word for word in vocabulary()[0][rank:] if len(word) > 6)


def subscriptions(corpus: Corpus, quick: bool) -> Iterator[Row]:
    if not Payment.objects.exists():
        add_payments(corpus, QUICK if quick else PAYMENTS)
    reader = User.objects.filter(payments__isnull=False).latest("pk")
    pages = {
        "revenue of 12 months": reverse("admin:revenue"),
        "revenue of 60 months": f"{reverse('admin:revenue')}?months=60",
        "page of a reader": reverse("admin:subscriptions_user_change", args=[reader.pk]),
        **lists("payment", "payments", quick),
        **lists("receipt", "receipts", quick),
        "statement of a month": reverse("admin:accounts_month", args=[f"{corpus.now:%Y-%m}"]),
        "months of the accounts": reverse("admin:accounts"),
        "list of subscriptions": reverse("admin:subscriptions_subscription_changelist"),
        "list of readers": reverse("admin:subscriptions_user_changelist"),
    }
    yield from page_rows(corpus, pages, 300, quick)


def lists(model: str, name: str, quick: bool) -> dict[str, str]:
    """Return the pages of a list of the accounts: without filters, filtered, searched, and far from its beginning."""
    page = reverse(f"admin:subscriptions_{model}_changelist")
    return {
        f"list of {name}": page,
        f"list of {name}, one country": f"{page}?country=AT",
        f"list of {name}, bank transfers": f"{page}?provider=manual",
        f"list of {name}, in the middle": f"{page}?p={1 if quick else PAYMENTS // 100}",
        f"list of {name}, search for a name": f"{page}?q=paying77",
    }


def add_payments(corpus: Corpus, payments: int) -> None:
    """Write so many payments. Each reader subscribed one to sixty months ago."""
    now, price = corpus.now, corpus.price
    common = {"provider": "manual", "currency": "EUR"}
    for numbers in batched(range(payments * 2 // MONTHS), 500):
        users = User.objects.bulk_create(
            User(email=f"paying{number}@bench.invalid", display_name=f"Reader {number}") for number in numbers
        )
        starts = [add_intervals(now, "month", -1 - number % MONTHS) for number in numbers]
        contracts = Subscription.objects.bulk_create(
            Subscription(
                user=user, price=price, provider="manual", provider_ref=f"bench-{user.pk}", status="active",
                anchor=start, period_start=start, period_end=add_intervals(now, "month", 1),
            )
            for user, start in zip(users, starts, strict=True)
        )  # fmt: skip
        SubscriptionChange.objects.bulk_create(
            SubscriptionChange(
                subscription=contract, at=contract.anchor, event="first_paid", was="pending", became="active",
                mrr_minor=900, currency="EUR", month=timezone.localdate(contract.anchor).replace(day=1), actor="bench",
            )
            for contract in contracts
        )  # fmt: skip
        Payment.objects.bulk_create(
            (
                Payment(
                    **common, user=contract.user, subscription=contract, provider_ref=f"{contract.pk}:{month}",
                    description="Reader, monthly", status=Payment.Status.SUCCEEDED, minor=900, period_start=start,
                    period_end=add_intervals(start, "month", 1), recorded_at=start, paid_at=start,
                    month=timezone.localdate(start).replace(day=1), country=("DE", "AT", "FR")[contract.pk % 3],
                    tax_kind="rate", tax_rate=700, tax_minor=59,
                )
                for contract in contracts
                for month in range(MONTHS)
                if (start := add_intervals(contract.anchor, "month", month)) < now
            ),
            batch_size=500,
        )  # fmt: skip
    add_receipts()


def add_receipts() -> None:
    """Write a receipt for each payment, numbered by year."""
    numbers: Counter[int] = Counter()
    for payments in batched(Payment.objects.order_by("paid_at", "pk").iterator(chunk_size=2000), 500):
        receipts = []
        for payment in payments:
            numbers[payment.month.year] += 1
            receipts.append(
                Receipt(
                    payment=payment, year=payment.month.year, number=numbers[payment.month.year],
                    issued_at=payment.paid_at or payment.recorded_at, month=payment.month, country=payment.country,
                    currency=payment.currency, gross_minor=payment.minor, tax_kind=payment.tax_kind,
                    tax_rate=payment.tax_rate, tax_minor=payment.tax_minor,
                    snapshot={"item": payment.description, "address": "1 Quay, Harbour " * 40},
                )
            )  # fmt: skip
        Receipt.objects.bulk_create(receipts, batch_size=500)
    ReceiptSeries.objects.bulk_create(ReceiptSeries(year=year, last=last) for year, last in numbers.items())


def comments(corpus: Corpus, quick: bool) -> Iterator[Row]:
    number, repeat = (QUICK, 2) if quick else (COMMENTS, REPEAT)
    few, many, waiting = (
        corpus.article(corpus.articles + 2, words=LONG, slug=f"thread-{name}") for name in ("few", "many", "waiting")
    )
    corpus.add_comments(few, FEW_COMMENTS)
    corpus.add_comments(many, number)
    corpus.add_comments(waiting, number // 2, waiting=True)
    with running(SERVE, "/") as server:
        for order in ("", "newest", "helpful"):
            few_ms, many_ms = (
                server.ask([f"{article.get_absolute_url()}?sort={order}"] * repeat, before=partial(comment, article))
                for article in (few, many)
            )
            name = f"{number} comments to {FEW_COMMENTS}, {order or 'oldest'} first, after a comment"
            yield at_most(1.2, name, many_ms / few_ms, "×")
    yield from page_rows(corpus, {"moderation queue": reverse("admin:comments_queue")}, 150, quick)


def search(corpus: Corpus, quick: bool) -> Iterator[Row]:
    # From the most frequent words to the rarest, each once: what is asked for again comes from the page cache.
    words = list(dict.fromkeys(word_at(round(VOCABULARY ** (number / 50)) - 1) for number in range(50)))
    queries = {
        "words": words,
        "two words": [f"{one}+{two}" for one, two in zip(words, words[13:] + words[:13], strict=True)],
        "beginnings": list(dict.fromkeys(word[:4] for word in words)),
    }
    queries = {name: found[:2] for name, found in queries.items()} if quick else queries
    limit = 60 if connection.vendor == "postgresql" else 20
    with running(SERVE, "/") as server:
        for word in [word for word in vocabulary()[0][100:] if len(word) > 6 and word not in words][:WARM]:
            server.get(f"/search/?q={word}")
        for name, found in queries.items():
            for sort, label in (("", "best match"), ("newest", "newest")):
                times = sorted(server.ask([f"/search/?q={query}&sort={sort}"]) for query in found)
                yield at_most(limit, f"search for {name}, {label}: 95th percentile", times[len(times) * 95 // 100])


def api(corpus: Corpus, quick: bool) -> Iterator[Row]:
    with running(SERVE, "/") as server:
        yield from measure(corpus, server, quick)


def quotations(corpus: Corpus, quick: bool) -> Iterator[Row]:
    from truthlytics.tools.bench.quotations import add_versions
    from truthlytics.tools.bench.quotations import measure as checks

    add_versions(corpus.progress)
    yield from checks(lambda: running(SERVE, "/"), quick)


def page_rows(corpus: Corpus, pages: dict[str, str], limit: float | None, quick: bool) -> Iterator[Row]:
    """Measure pages as a publisher, the best of several requests."""
    cookie = corpus.publisher()
    with running(SERVE, "/") as server:
        for name, path in pages.items():
            ms = min(server.ask([path], cookie) for _ in range(2 if quick else 7))
            yield at_most(limit, name, ms) if limit else figure(name, ms)


BENCHMARKS: dict[str, Benchmark] = {
    "reading": reading, "search": search, "newsroom": newsroom, "subscriptions": subscriptions, "comments": comments,
    "newsletters": newsletters, "transparency": transparency,
    **({"api": api} if "api" in settings.FEATURES else {}),
    **({"quotations": quotations} if "quotations" in settings.FEATURES else {}), "statistics": statistics,
}  # fmt: skip
