"""The states in which a page is made: what is kept of it is all there, or a comment has come, or nothing is kept."""

from collections.abc import Callable
from functools import partial

from truthlytics.pagecache.changes import site_generations
from truthlytics.pagecache.wsgi import PageCache
from truthlytics.web.fragments import forget_all

from .measure import Application, Environ, caller

Call = Callable[[], None]
WARM, COMMENTED, COLD = "fragments warm", "after a comment", "everything cold"


def cold(application: Application, environ: Environ) -> Call:
    """A request that finds no fragment."""
    return _after(forget_all, caller(application, environ))


def misses(kept: PageCache, environ: Environ, *tags: str) -> dict[str, Call]:
    """Requests for a page that is made, compressed, kept and sent, in each state; a comment changes `tags`."""
    call, forget = caller(kept, environ), partial(kept.store.drop, kept.names.of(environ) or "")

    def forget_everything() -> None:
        forget()
        forget_all()

    return {
        WARM: _after(forget, call),
        COMMENTED: _after(partial(site_generations().bump, tags), call),
        COLD: _after(forget_everything, call),
    }


def _after(change: Call, call: Call) -> Call:
    def changed() -> None:
        change()
        call()

    return changed
