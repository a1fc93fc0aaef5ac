"""Requests in different states of the fragment cache.

A first request finds the fragments that all pages share, but none of the article's own: that is most of an archive.
"""

from functools import partial

from truthlytics.bench.measure import Application, Call, Environ, request
from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.wsgi import PageCache
from truthlytics.web.fragments import cached_keys, clear_fragments

WARM, COMMENTED, FIRST, COLD = "fragments cached", "after a comment", "first request", "nothing cached"


def cold(application: Application, environ: Environ) -> Call:
    """A request that finds no fragment."""
    return after(clear_fragments, request(application, environ))


def first(application: Application, environ: Environ, other_page: Call) -> Call:
    """A request that finds only the fragments that it shares with `other_page`."""
    clear_fragments()
    other_page()
    shared = frozenset(cached_keys())
    return after(partial(clear_fragments, shared), request(application, environ))


def commented(application: Application, environ: Environ, *tags: str) -> Call:
    """A request after a comment has invalidated `tags`."""
    return after(partial(site_generations().bump, tags), request(application, environ))


def misses(cache: PageCache, environ: Environ, *tags: str) -> dict[str, Call]:
    """Requests that render, compress, store and send a page, by state. A comment invalidates `tags`."""
    call, drop = request(cache, environ), partial(cache.store.drop, cache.keys.build(environ) or "")

    def drop_everything() -> None:
        drop()
        clear_fragments()

    return {
        WARM: after(drop, call),
        COMMENTED: after(partial(site_generations().bump, tags), call),
        COLD: after(drop_everything, call),
    }


def after(change: Call, call: Call) -> Call:
    def changed() -> None:
        change()
        call()

    return changed
