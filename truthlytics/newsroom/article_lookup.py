"""Find articles by their addresses."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve

from articles.models import Article, Redirect, Version

MAX_ADDRESS = 2000


def versions_at(addresses: Iterable[str], now: datetime) -> dict[str, Version]:
    """Return what readers get at these paths or URLs, for those of public articles. At most three queries.

    The site in a URL is ignored, and redirects of renamed articles are followed.
    """
    paths = {address: _path(address) for address in addresses}
    slugs = {address: slug for address, path in paths.items() if (slug := _slug(path))}
    public = Article.objects.listed(now)
    by_slug = {article.slug: article for article in public.filter(slug__in=set(slugs.values()))} if slugs else {}
    found = {address: by_slug[slug] for address, slug in slugs.items() if slug in by_slug}
    moved = {address: Redirect.normalise(path) for address, path in paths.items() if path and address not in found}
    if moved:
        found_paths = Redirect.objects.filter(path__in=set(moved.values()), query="")
        targets = dict(found_paths.values_list("path", "article"))
        articles = public.in_bulk([pk for pk in targets.values() if pk])
        found |= {address: articles[pk] for address, path in moved.items() if (pk := targets.get(path)) in articles}
    return {address: article.as_served(now) for address, article in found.items()}


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address[:MAX_ADDRESS].strip()).path)
    except ValueError:
        return ""


def _slug(path: str) -> str:
    try:
        match = resolve(path if path.endswith("/") else f"{path}/")
    except Resolver404:
        return ""
    return str(match.kwargs["slug"]) if match.view_name == "articles:article" else ""
