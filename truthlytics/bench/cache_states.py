"""The states in which a page is made: what is kept of it is all there, or a comment has come, or little or nothing is.

“Asked for first” is most of an archive: what all pages have in common is kept, and nothing of the article's own.
"""

from collections.abc import Callable
from functools import partial

from truthlytics.bench.measure import Application, Environ, caller
from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.wsgi import PageCache
from truthlytics.web.fragments import cached_keys, clear_fragments

Call = Callable[[], None]
WARM, COMMENTED, FIRST, COLD = "fragments warm", "after a comment", "asked for first", "everything cold"


def cold(application: Application, environ: Environ) -> Call:
    """A request that finds no fragment."""
    return after(clear_fragments, caller(application, environ))


def first(application: Application, environ: Environ, another: Call) -> Call:
    """A request that finds what pages have in common, as `another` leaves it, and nothing else."""
    clear_fragments()
    another()
    frame = frozenset(cached_keys())
    return after(partial(clear_fragments, frame), caller(application, environ))


def commented(application: Application, environ: Environ, *tags: str) -> Call:
    """A request after a comment has changed `tags`."""
    return after(partial(site_generations().bump, tags), caller(application, environ))


def misses(kept: PageCache, environ: Environ, *tags: str) -> dict[str, Call]:
    """Requests for a page that is made, compressed, kept and sent, in each state; a comment changes `tags`."""
    call, forget = caller(kept, environ), partial(kept.store.drop, kept.keys.build(environ) or "")

    def forget_everything() -> None:
        forget()
        clear_fragments()

    return {
        WARM: after(forget, call),
        COMMENTED: after(partial(site_generations().bump, tags), call),
        COLD: after(forget_everything, call),
    }


def after(change: Call, call: Call) -> Call:
    def changed() -> None:
        change()
        call()

    return changed
