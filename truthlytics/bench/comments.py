"""The cost of long threads, of votes on a popular article, and of the moderation queue."""

from collections.abc import Iterator
from itertools import batched

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db.models import Max

# Makes requests with a session and without CSRF tokens.
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, Thread
from comments.selection import HELPFUL, NEWEST, OLDEST
from comments.services.votes import count_changed, toggle_vote
from comments.signals import votes_counted
from comments.text import render
from truthlytics.bench.cache_states import COLD, cold
from truthlytics.bench.corpus import LONG, Corpus
from truthlytics.bench.measure import count_queries, cpu_time, make_environ
from truthlytics.bench.newsroom import best, get, make_editor
from truthlytics.bench.results import Options, Row, at_most, figure
from truthlytics.bench.search import elapsed
from truthlytics.bench.site import own_site
from truthlytics.cache.invalidation import site_generations

FEW = 20
VOTES = 200
WAITING, QUICK_WAITING = 5_000, 40
BATCH = 500
ORDERS = {OLDEST: "oldest", NEWEST: "newest", HELPFUL: "most helpful"}


def comments(options: Options) -> Iterator[Row]:
    """Yield the cost of first pages of threads, of votes and the pages that they purge, and of the moderation queue."""
    with own_site("comments", options):
        corpus = Corpus()
        corpus.fill(options.articles, options.progress)
        articles = fill(corpus, options)
        options.progress("Measuring …")
        yield from thread_rows(articles, options)
        yield from vote_rows(corpus, articles["few"])
        yield from queue_rows(options)


def fill(corpus: Corpus, options: Options) -> dict[str, Article]:
    """Create three articles that differ only in their comments, and comments awaiting moderation."""
    names = ("few", "many", "one conversation")
    numbers = dict(zip(names, (FEW, options.comments, options.comments), strict=True))
    articles = {
        name: corpus.article(options.articles + 1, words=LONG, slug=f"thread-{name.replace(' ', '-')}")
        for name in numbers
    }
    for name, number in numbers.items():
        corpus.add_comments(articles[name], number)
    replies = Comment.objects.filter(article=articles["one conversation"]).order_by("pk")
    root, *others = replies
    for comment in others:
        comment.parent = root
        comment.set_path(root)
    Comment.objects.bulk_update(others, ["parent", "path"], batch_size=BATCH)
    add_waiting(corpus, QUICK_WAITING if options.quick else WAITING)
    return articles


def add_waiting(corpus: Corpus, number: int) -> None:
    """Add waiting comments on the newest articles, unless there are some."""
    if Comment.objects.waiting().exists():
        return
    articles = list(Article.objects.order_by("-published_at", "-pk")[:50])
    first = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    for article in articles:
        Thread.objects.get_or_create(article=article)
    for numbers in batched(range(number), BATCH):
        rows = []
        for index in numbers:
            text = f"A first comment, number {index}. It says in two sentences what its writer thinks."
            comment = Comment(
                pk=first + index, article=articles[index % len(articles)], text=text, html=render(text),
                author=corpus.readers[index % len(corpus.readers)], hold=Comment.Hold.FIRST,
            )  # fmt: skip
            comment.set_path(None)
            rows.append(comment)
        Comment.objects.bulk_create(rows)


def thread_rows(articles: dict[str, Article], options: Options) -> Iterator[Row]:
    django = WSGIHandler()
    for sort, order in ORDERS.items():
        query = f"?sort={sort}" if sort else ""
        calls = {
            name: cold(django, make_environ(f"{article.get_absolute_url()}{query}"))
            for name, article in articles.items()
        }
        us = cpu_time(calls, batches=1, batch=0.001) if options.quick else cpu_time(calls)
        ratio = us["many"] / us["few"]
        yield at_most(1.2, f"{options.comments} comments against {FEW}, {order} first, {COLD}", ratio)
        ratio = us["one conversation"] / us["few"]
        yield at_most(1.2, f"{options.comments} comments in one conversation against {FEW}, {order} first", ratio)
        yield figure(f"queries: {options.comments} comments, {order} first", count_queries(calls["many"]), "")


def vote_rows(corpus: Corpus, article: Article) -> Iterator[Row]:
    """The cost of as many votes as a popular article gets in a second."""
    generations, tag = site_generations(), f"thread:{article.pk}"
    before = generations.stamps([tag, "comments"], generations.snapshot())
    found = list(Comment.objects.filter(article=article))
    pairs = [(comment, reader) for comment in found for reader in corpus.readers if reader.pk != comment.author_id]
    purged: list[int] = []

    def vote() -> None:
        for comment, reader in pairs[:VOTES]:
            toggle_vote(comment=comment, user=reader)

    def note(article_ids: set[int], **kwargs: object) -> None:
        purged.extend(article_ids)

    yield at_most(1, f"{VOTES} votes on an article with {FEW} comments", elapsed(vote) / 1000, "s")
    yield at_most(0, f"{VOTES} votes: threads purged", int(not generations.are_current(before)), "")
    votes_counted.connect(note)
    try:
        count_changed(timezone.now())
    finally:
        votes_counted.disconnect(note)
    yield at_most(1, f"{VOTES} votes: threads purged by the next tick", len(purged), "")


def queue_rows(options: Options) -> Iterator[Row]:
    client = Client(headers={"host": str(settings.ALLOWED_HOSTS[0])})
    client.force_login(make_editor())
    call = get(client, reverse("admin:comments_queue"), {})
    name = f"queue of {QUICK_WAITING if options.quick else WAITING:,} comments"
    yield at_most(12, f"{name}: queries", count_queries(call), "")
    yield at_most(150, name, best(call, options), "ms")
