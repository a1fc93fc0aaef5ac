"""What it costs to read: a page that is kept, pages that are made, deep pages, long threads, bytes."""

from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from articles.models import Article
from articles.views.lists import SIZE
from comments.thread import SIZE as THREAD_SIZE
from truthlytics.pagecache.changes import site_generations
from truthlytics.pagecache.store import Store
from truthlytics.pagecache.wsgi import PageCache
from truthlytics.web.keyset import page

from .corpus import LONG, Corpus
from .ground import own_site
from .measure import ask, caller, cpu, environ_of, packed, queries
from .rows import Options, Row, at_least, at_most, plain
from .server import Hello, against_hello

FEW, TALKED_ABOUT = 20, 10
BYTES = 8 * 1024
# Measured in turns: what is compared with one another, and no more.
TOGETHER = (
    ("hello", "hit"),
    ("article", "article miss", "subscriber", "gated", "thread page", "thread"),
    ("front", "front miss", "topic", "list", "deep"),
)


def reading(options: Options) -> Iterator[Row]:
    """Pages of a corpus on SQLite: CPU µs of this process, ratios in this one run, queries and bytes."""
    with own_site("reading", options) as folder:
        corpus = Corpus()
        corpus.fill(options.articles, options.say)
        pieces = threads(corpus, options)
        options.say("Measuring …")
        django = WSGIHandler()
        article = environ_of(pieces["few"].get_absolute_url())
        made = ask(django, article)
        kept = PageCache(django, store=Store(settings.PAGE_CACHE_BYTES), generations=site_generations())
        first, sent = ask(kept, article | {"HTTP_ACCEPT_ENCODING": "gzip"}).body, packed(kept, article).body
        whose = {"HTTP_COOKIE": corpus.subscriber()}
        deep, cursor = far_down(options.articles)
        gated = Article.objects.get(slug="piece-3")
        pages = {
            "article": article,
            "front": environ_of("/"),
            "subscriber": environ_of(pieces["few"].get_absolute_url(), **whose),
            "gated": environ_of(gated.get_absolute_url(), **whose),
            "topic": environ_of(corpus.topics[0].get_absolute_url()),
            "list": environ_of("/latest/"),
            "deep": environ_of(f"/latest/?after={cursor}"),
            "thread page": environ_of(pieces["page"].get_absolute_url()),
            "thread": environ_of(pieces["many"].get_absolute_url()),
        }
        calls = {name: caller(django, environ) for name, environ in pages.items()}
        counted = {name: queries(call) for name, call in calls.items()}
        calls |= {f"{name} miss": miss(kept, pages[name]) for name in ("article", "front")}
        calls |= {"hello": caller(Hello(sent), article), "hit": caller(kept, article)}
        us: dict[str, float] = {}
        for group in TOGETHER:
            chosen = {name: calls[name] for name in group}
            us |= cpu(chosen, batches=1, batch=0.001) if options.quick else cpu(chosen)
        yield from kept_rows(us)
        if not options.quick:
            bare, dressed = against_hello(made, folder, environ=article)
            yield at_least(0.9, "article, kept: requests a second against hello, same server", bare)
            yield plain("the same against a hello with all headers of the page", dressed, "×")
        yield from made_rows(us)
        yield at_most(1.2, f"list: page {deep} against page 1", us["deep"] / us["list"])
        yield at_most(1.2, "topic against front page", us["topic"] / us["front"])
        yield at_most(1.2, f"thread of {options.comments} against {FEW}, first page", us["thread"] / us["article"])
        yield at_most(
            1.2, f"thread of {options.comments} against {THREAD_SIZE} (as many drawn)", us["thread"] / us["thread page"]
        )
        yield at_most(BYTES, f"article of {LONG} words, {FEW} comments: brotli", len(sent), "bytes")
        yield plain("the same for the first who ask: gzip", len(first), "bytes")
        yield plain("the same, not compressed", len(made.body), "bytes")
        for name in ("article", "front", "list", "deep", "topic", "subscriber", "gated", "thread"):
            yield plain(f"queries: {name}", counted[name], "")


def threads(corpus: Corpus, options: Options) -> dict[str, Article]:
    """Three pieces alike but for their conversations, older than the rest; the newest are talked about too."""
    last = options.articles + 1
    lengths = {"few": FEW, "page": THREAD_SIZE, "many": options.comments}
    pieces = {name: corpus.article(last, words=LONG, slug=f"measured-{name}") for name in lengths}
    for name, comments in lengths.items():
        corpus.converse(pieces[name], comments)
    for piece in Article.objects.order_by("-published_at", "-id")[:TALKED_ABOUT]:
        corpus.converse(piece, FEW)
    return pieces


def far_down(articles: int) -> tuple[int, str]:
    """A page nine tenths down the list of everything: its number, and the cursor that leads there."""
    deep = max(2, articles * 9 // 10 // SIZE)
    before = page(Article.objects.listed(), after="", size=(deep - 1) * SIZE, time="published_at", tie="id")
    return deep, before.after


def miss(kept: PageCache, environ: dict[str, object]) -> Callable[[], None]:
    """A request for a page that the cache has just lost: made, compressed, kept and sent."""
    forget, call = partial(kept.store.drop, kept.names.of(environ) or ""), caller(kept, environ)

    def lost() -> None:
        forget()
        call()

    return lost


def kept_rows(us: dict[str, float]) -> Iterator[Row]:
    yield plain("bare hello, as many bytes", us["hello"], "µs")
    yield plain("article, kept", us["hit"], "µs")
    yield plain("article, kept: CPU against hello, no server", us["hit"] / us["hello"], "×")


def made_rows(us: dict[str, float]) -> Iterator[Row]:
    yield at_most(1200, "article, miss (made, compressed, kept)", us["article miss"], "µs")
    yield plain("article, made by Django alone", us["article"], "µs")
    yield at_most(2500, "front page, miss", us["front miss"], "µs")
    yield plain("front page, made by Django alone", us["front"], "µs")
    yield plain("article for a subscriber", us["subscriber"], "µs")
    yield at_most(1.3, "the same against a stranger's, made", us["subscriber"] / us["article"])
    yield plain("gated article for a subscriber", us["gated"], "µs")
