"""The API: what is cached beside pages of the same size, lists of a large archive, and a copy of all of it."""

import json
from collections.abc import Iterator
from itertools import batched

from django.conf import settings
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Author, Section, Topic, Version
from truthlytics.env import VAR_DIR
from truthlytics.tools.bench.corpus import LONG, Corpus
from truthlytics.tools.bench.results import Row, at_most, figure
from truthlytics.tools.bench.server import Server
from truthlytics.transparency import keys
from truthlytics.transparency.models import LogEntry
from truthlytics.transparency.services.entries import add, append_due, new_entry
from truthlytics.web.cursor_pagination import encode

REPEAT, ROUNDS = 50, 6


def measure(corpus: Corpus, server: Server, quick: bool) -> Iterator[Row]:
    """Yield the figures. `server` has served nothing but its first page."""
    article = corpus.article(corpus.articles + 3, words=LONG, slug="measured-api")
    pages = {"article": article.get_absolute_url(), "list": reverse("articles:latest")}
    answers = {"article": reverse("api:article", args=[article.slug]), "list": reverse("api:articles")}
    for name, page in pages.items():
        rounds = [[server.ask([path] * REPEAT) for path in (page, answers[name])] for _ in range(ROUNDS)]
        times = [min(column) for column in zip(*rounds, strict=True)]
        size, html = len(server.get(answers[name])), len(server.get(page))
        yield figure(f"API: {name}, cached ({size} bytes; its page has {html})", times[1])
        yield at_most(1.1, f"API: {name}, cached, to its page", times[1] / times[0], "×")
    for name, path in _lists().items():
        # Each with another limit, because the same address would be in the page cache.
        times = [server.ask([path.format(limit=limit)]) for limit in range(20, 22 if quick else 26)]
        yield at_most(20, f"API: {name}, not cached", min(times))
    add_entries()
    url, changes, sizes = f"{reverse('api:changes')}?limit=100&fields=number", 0, []
    while url:
        page = json.loads(server.get(url))
        changes += len(page["items"])
        url = (page["next"] or "").removeprefix(settings.SITE_URL)
        sizes.append(server.memory()[0])
    yield figure("API: changes in a copy of all", changes, "")
    yield at_most(30, "API: memory of the server, at the end of the copy more than after a tenth of it",
                  sizes[-1] - sizes[len(sizes) // 10], "MiB")  # fmt: skip


def _lists() -> dict[str, str]:
    base = reverse("api:articles")
    places = {model._meta.model_name: model.objects.all()[0] for model in (Section, Topic, Author)}
    middle = Version.objects.order_by("pk")[Version.objects.count() // 2]
    return {
        "newest articles": f"{base}?limit={{limit}}",
        "articles in the middle": f"{base}?limit={{limit}}&after={encode(middle.public_from, middle.article_id)}",
        **{f"articles of one {name}": f"{base}?limit={{limit}}&{name}={place.slug}" for name, place in places.items()},
        "search": f"{reverse('api:search')}?sort=newest&q={middle.headline.split()[0]}",
        "front page": f"{reverse('api:front_page')}?fields=lead,latest,sections",
    }


def add_entries() -> None:
    """Write an entry of the transparency log for each version."""
    with override_settings(RECORD_KEY_FILE=VAR_DIR / "bench-record-key.pem"):
        keys.create_key()
        known = set(LogEntry.objects.values_list("uuid", flat=True))
        rows = Version.objects.order_by("pk").values_list("article__uuid", "number", "public_from", "digest")
        for batch in batched(rows.iterator(chunk_size=5_000), 5_000):
            add(
                new_entry("version", item="article", uuid=uuid, at=at, number=number, digest=digest)
                for uuid, number, at, digest in batch
                if uuid not in known
            )
            append_due(timezone.now())
