"""What it costs to read: a page that is kept, pages that are made, deep pages, long threads, bytes."""

from collections.abc import Iterator

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from articles.models import Article
from articles.views.lists import SIZE
from comments.thread import PAGE_SIZE as THREAD_SIZE
from truthlytics.bench.cache_states import COLD, COMMENTED, FIRST, WARM, cold, commented, first, misses
from truthlytics.bench.corpus import LONG, Corpus
from truthlytics.bench.measure import ask, caller, cpu, environ_of, packed, queries
from truthlytics.bench.profile import shares
from truthlytics.bench.results import Options, Row, at_least, at_most, plain
from truthlytics.bench.server import Hello, against_hello
from truthlytics.bench.site import database_file, own_site
from truthlytics.bench.worker import ASKED, cost
from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.store import Store
from truthlytics.cache.wsgi import PageCache
from truthlytics.web.cursor_pagination import page

FEW, TALKED_ABOUT = 20, 10
BYTES = 8 * 1024
# The page of a list that is compared with its first, where the archive is that long.
DEEP = 900
MISSES = {"article": ("article", 1200), "front": ("front page", 2500)}
# Measured in turns: what is compared with one another, and no more.
TOGETHER = (
    ("hello", "hit"),
    (f"article, {WARM}", "article", "subscriber", "gated"),
    (f"article, {COMMENTED}", "article commented", "subscriber commented"),
    (f"article, {COLD}", "article first", "article cold", "subscriber cold", "thread cold", "thread page cold"),
    (f"front, {WARM}", f"front, {COMMENTED}", "front"),
    (f"front, {COLD}", "front cold", "topic cold", "list cold", "deep cold"),
)
PROFILED = (f"article, {WARM}", "subscriber", f"article, {COMMENTED}", f"article, {COLD}", f"front, {COLD}")


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
        quick, sent = ask(kept, article | {"HTTP_ACCEPT_ENCODING": "gzip"}).body, packed(kept, article).body
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
        calls |= {f"{name} cold": cold(django, environ) for name, environ in pages.items()}
        told = f"thread:{pieces['few'].pk}", "comments"
        calls |= {f"{name} commented": commented(django, pages[name], *told) for name in ("article", "subscriber")}
        calls["article first"] = first(django, article, calls["thread page"])
        for name in MISSES:
            states = misses(kept, pages[name], *told)
            calls |= {f"{name}, {state}": call for state, call in states.items()}
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
        yield at_most(1.2, f"list: page {deep} against page 1, {COLD}", us["deep cold"] / us["list cold"])
        yield at_most(1.2, f"topic against front page, {COLD}", us["topic cold"] / us["front cold"])
        few, many = us["article cold"], us["thread cold"]
        yield at_most(1.2, f"thread of {options.comments} against {FEW}, first page, {COLD}", many / few)
        yield at_most(1.2, f"thread of {options.comments} against {THREAD_SIZE}, {COLD}", many / us["thread page cold"])
        yield at_most(BYTES, f"article of {LONG} words, {FEW} comments: brotli", len(sent), "bytes")
        yield plain("the same for the first who ask: gzip", len(quick), "bytes")
        yield plain("the same, not compressed", len(made.body), "bytes")
        addresses = ["/", "/latest/", *(piece.get_absolute_url() for piece in Article.objects.listed()[:18])]
        seconds, memory = cost(addresses, database=options.database or database_file(folder))
        yield at_most(1, "cold start of a worker: CPU", seconds, "s")
        yield at_most(80, f"a worker after {ASKED} requests, {options.articles} articles: memory", memory, "MiB")
        for name in ("article", "front", "list", "deep", "topic", "subscriber", "gated", "thread"):
            calls[name]()
            yield plain(f"queries: {name}, {WARM}", queries(calls[name]), "")
            yield plain(f"queries: {name}, {COLD}", queries(calls[f"{name} cold"]), "")
        for name in PROFILED if options.profile else ():
            yield from shares(name, calls[name])


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
    """Page 900 of the list of everything, or one nine tenths down a shorter: its number, and its cursor."""
    deep = max(2, min(DEEP, articles * 9 // 10 // SIZE))
    before = page(Article.objects.listed(), after="", size=(deep - 1) * SIZE, time="published_at", tie="id")
    return deep, before.after


def kept_rows(us: dict[str, float]) -> Iterator[Row]:
    yield plain("bare hello, as many bytes", us["hello"], "µs")
    yield plain("article, kept", us["hit"], "µs")
    yield plain("article, kept: CPU against hello, no server", us["hit"] / us["hello"], "×")


def made_rows(us: dict[str, float]) -> Iterator[Row]:
    """A miss is a page made, compressed, kept and sent; what Django makes alone is not compressed and not kept."""
    # What packing and keeping add is the same in each state.
    us[f"article, {FIRST}"] = us["article first"] + us[f"article, {WARM}"] - us["article"]
    for key, (name, limit) in MISSES.items():
        for state in (WARM, COMMENTED, FIRST, COLD):
            if cost := us.get(f"{key}, {state}"):
                yield at_most(limit, f"{name}, miss: {state}", cost, "µs")
        yield plain(f"{name}, made by Django alone, {WARM}", us[key], "µs")
    # Neither is compressed or kept, so neither is flattered.
    for state, key in {WARM: "", COMMENTED: " commented", COLD: " cold"}.items():
        yield plain(f"article for a subscriber, {state}", us[f"subscriber{key}"], "µs")
        yield at_most(1.3, f"the same against a stranger's, {state}", us[f"subscriber{key}"] / us[f"article{key}"])
    yield plain("the same against a stranger's miss, packed and kept", us["subscriber"] / us[f"article, {WARM}"], "×")
    yield plain(f"gated article for a subscriber, {WARM}", us["gated"], "µs")
