"""The cost of reading: cached pages, rendered pages, pages deep in lists, long threads, bytes, memory."""

from collections.abc import Iterator

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from articles.models import Article
from articles.views.lists import SIZE
from comments.selection import PAGE_SIZE
from truthlytics.bench.cache_states import COLD, COMMENTED, FIRST, WARM, cold, commented, first, misses
from truthlytics.bench.corpus import LONG, Corpus
from truthlytics.bench.history import comparison_rows
from truthlytics.bench.measure import count_queries, cpu_time, fetch, fetch_popular, make_environ, request
from truthlytics.bench.plain_view import plain_handler
from truthlytics.bench.profile import shares
from truthlytics.bench.results import Options, Row, at_least, at_most, figure
from truthlytics.bench.server import Hello, compare_with_hello
from truthlytics.bench.site import database_file, own_site
from truthlytics.bench.worker import REQUESTS, cost
from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.store import Store
from truthlytics.cache.wsgi import PageCache
from truthlytics.web.cursor_pagination import page

FEW_COMMENTS, DISCUSSED = 20, 10
MAX_BYTES = 8 * 1024
# The list page that is compared with the first one, if the archive is that long.
DEEP_PAGE = 900
MISSES = {"article": ("article", 1200), "front": ("front page", 2500)}
# Calls that are compared with each other are measured in alternation.
GROUPS = (
    ("hello", "hit"),
    (f"article, {WARM}", "article", "subscriber", "gated"),
    (f"article, {COMMENTED}", "article commented", "subscriber commented"),
    ("article first", "plain view"),
    (f"article, {COLD}", "article cold", "subscriber cold", "long thread cold", "full thread cold"),
    (f"front, {WARM}", f"front, {COMMENTED}", "front"),
    (f"front, {COLD}", "front cold", "topic cold", "list cold", "deep cold"),
)
PROFILED = (f"article, {WARM}", "subscriber", f"article, {COMMENTED}", "article first", f"front, {COLD}")
QUERIES = ("article", "front", "list", "deep", "topic", "subscriber", "gated", "long thread")


def reading(options: Options) -> Iterator[Row]:
    """Pages of a corpus: CPU µs of this process, ratios within this run, queries and bytes."""
    with own_site("reading", options) as folder:
        corpus = Corpus()
        corpus.fill(options.articles, options.progress)
        articles = articles_with_comments(corpus, options)
        options.progress("Measuring …")
        django = WSGIHandler()
        article = make_environ(articles["few"].get_absolute_url())
        rendered = fetch(django, article)
        cache = PageCache(django, store=Store(settings.PAGE_CACHE_BYTES), generations=site_generations())
        gzipped, popular = fetch(cache, article | {"HTTP_ACCEPT_ENCODING": "gzip"}).body, fetch_popular(cache, article)
        subscriber = {"HTTP_COOKIE": corpus.subscriber()}
        deep, cursor = deep_page(options.articles)
        gated = Article.objects.get(slug="article-3")
        pages = {
            "article": article,
            "front": make_environ("/"),
            "subscriber": make_environ(articles["few"].get_absolute_url(), **subscriber),
            "gated": make_environ(gated.get_absolute_url(), **subscriber),
            "topic": make_environ(corpus.topics[0].get_absolute_url()),
            "list": make_environ("/latest/"),
            "deep": make_environ(f"/latest/?after={cursor}"),
            "full thread": make_environ(articles["page"].get_absolute_url()),
            "long thread": make_environ(articles["many"].get_absolute_url()),
        }
        calls = {name: request(django, environ) for name, environ in pages.items()}
        calls |= {f"{name} cold": cold(django, environ) for name, environ in pages.items()}
        tags = f"thread:{articles['few'].pk}", "comments"
        calls |= {f"{name} commented": commented(django, pages[name], *tags) for name in ("article", "subscriber")}
        calls["article first"] = first(django, article, calls["full thread"])
        calls["plain view"] = request(plain_handler(), article)
        for name in MISSES:
            states = misses(cache, pages[name], *tags)
            calls |= {f"{name}, {state}": call for state, call in states.items()}
        calls |= {"hello": request(Hello(popular.body), article), "hit": request(cache, article)}
        us: dict[str, float] = {}
        for group in GROUPS:
            members = {name: calls[name] for name in group}
            us |= cpu_time(members, batches=1, batch=0.001) if options.quick else cpu_time(members)
        yield from hit_rows(us)
        if not options.quick:
            minimal, same_headers = compare_with_hello(rendered, folder, environ=article)
            yield at_least(0.9, "cached article: requests per second against a minimal app", minimal)
            yield figure("cached article: against a minimal app with the same headers", same_headers, "×")
        yield from rendered_rows(us)
        yield from yardstick_rows(us)
        yield from comparison_rows(quick=options.quick)
        yield at_most(1.2, f"list: page {deep} against page 1, {COLD}", us["deep cold"] / us["list cold"])
        yield at_most(1.2, f"topic against front page, {COLD}", us["topic cold"] / us["front cold"])
        few, many = us["article cold"], us["long thread cold"]
        yield at_most(1.2, f"{options.comments} comments against {FEW_COMMENTS}, first page, {COLD}", many / few)
        full = us["full thread cold"]
        yield at_most(1.2, f"{options.comments} comments against {PAGE_SIZE}, first page, {COLD}", many / full)
        size = f"article of {LONG} words with {FEW_COMMENTS} comments"
        yield at_most(MAX_BYTES, f"{size}: brotli", len(popular.body), "bytes")
        yield figure(f"{size}: gzip, before it is popular", len(gzipped), "bytes")
        yield figure(f"{size}: uncompressed", len(rendered.body), "bytes")
        urls = ["/", "/latest/", *(article.get_absolute_url() for article in Article.objects.listed()[:18])]
        seconds, memory = cost(urls, database=options.database or database_file(folder))
        yield at_most(1, "cold start of a worker: CPU", seconds, "s")
        yield at_most(80, f"memory of a worker after {REQUESTS} requests, {options.articles} articles", memory, "MiB")
        for name in QUERIES:
            calls[name]()
            yield figure(f"queries: {name}, {WARM}", count_queries(calls[name]), "")
            yield figure(f"queries: {name}, {COLD}", count_queries(calls[f"{name} cold"]), "")
        yield figure(f"queries: article, {FIRST}", count_queries(calls["article first"]), "")
        yield figure("queries: plain Django view", count_queries(calls["plain view"]), "")
        for name in PROFILED if options.profile else ():
            yield from shares(name, calls[name])


def articles_with_comments(corpus: Corpus, options: Options) -> dict[str, Article]:
    """Three articles that differ only in the number of comments, older than the rest; the newest have some too."""
    oldest = options.articles + 1
    numbers = {"few": FEW_COMMENTS, "page": PAGE_SIZE, "many": options.comments}
    articles = {name: corpus.article(oldest, words=LONG, slug=f"measured-{name}") for name in numbers}
    for name, comments in numbers.items():
        corpus.add_comments(articles[name], comments)
    for article in Article.objects.order_by("-published_at", "-id")[:DISCUSSED]:
        corpus.add_comments(article, FEW_COMMENTS)
    return articles


def deep_page(articles: int) -> tuple[int, str]:
    """Page 900 of the list of all articles, or one at nine tenths of a shorter list: its number and its cursor."""
    number = max(2, min(DEEP_PAGE, articles * 9 // 10 // SIZE))
    before = page(Article.objects.listed(), after="", size=(number - 1) * SIZE, time="published_at", tie="id")
    return number, before.after


def hit_rows(us: dict[str, float]) -> Iterator[Row]:
    yield figure("minimal WSGI app, same number of bytes", us["hello"], "µs")
    yield figure("cached article", us["hit"], "µs")
    yield figure("cached article: CPU against the minimal app, no server", us["hit"] / us["hello"], "×")


def rendered_rows(us: dict[str, float]) -> Iterator[Row]:
    """A miss is rendered, compressed, stored and sent; the rows of Django alone are neither compressed nor stored."""
    # Compressing and storing add the same in each state.
    us[f"article, {FIRST}"] = us["article first"] + us[f"article, {WARM}"] - us["article"]
    for key, (name, limit) in MISSES.items():
        for state in (WARM, COMMENTED, FIRST, COLD):
            if cost := us.get(f"{key}, {state}"):
                yield at_most(limit, f"{name}, cache miss: {state}", cost, "µs")
        yield figure(f"{name}, Django alone: {WARM}", us[key], "µs")
    for state, key in {WARM: "", COMMENTED: " commented", COLD: " cold"}.items():
        yield figure(f"article for a subscriber: {state}", us[f"subscriber{key}"], "µs")
        ratio = us[f"subscriber{key}"] / us[f"article{key}"]
        yield figure(f"article for a subscriber against an anonymous visitor: {state}", ratio, "×")
    yield figure(f"gated article for a subscriber: {WARM}", us["gated"], "µs")


def yardstick_rows(us: dict[str, float]) -> Iterator[Row]:
    yield figure(f"article, Django alone: {FIRST}", us["article first"], "µs")
    yield figure("article as a plain Django view, no cache", us["plain view"], "µs")
    yield figure(f"article, {FIRST}, against the plain view", us["article first"] / us["plain view"], "×")
