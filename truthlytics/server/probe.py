"""Ask the site for the pages that tell whether it works: the front page and the newest article.

As a program, it asks the code that is installed, prints the statuses, and ends with 1 if a page is an error.
"""

import os
import sys
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.db import DatabaseError, connection

from truthlytics.server.body_buffer import Application, Environ
from truthlytics.web.read_counter import ASKED_BY_SITE


def statuses(site: Application) -> dict[str, str]:
    """Return the status code of each page, by path."""
    return {path: status_of(site, path) for path in paths()}


def paths() -> Iterable[str]:
    yield "/"
    if article := newest_article():
        yield article


def newest_article() -> str:
    """Return the path of the newest article that readers can see; "" if there is none or no database."""
    from articles.models import Article

    try:
        article = Article.objects.published().order_by("-published_at", "-pk").only("slug").first()
    except DatabaseError:
        return ""
    finally:
        connection.close()
    return article.get_absolute_url() if article else ""


def status_of(site: Application, path: str) -> str:
    received: list[str] = []
    response = site(environ_of(path), lambda status, headers, error=None: received.append(status))
    for _part in response:
        pass
    if callable(close := getattr(response, "close", None)):
        close()
    return received[0].partition(" ")[0]


def environ_of(path: str) -> Environ:
    """Return a visitor's request for `path`, as the proxy passes it on."""
    scheme, _, host = settings.SITE_URL.partition("://")
    environ: dict[str, Any] = {
        "HTTP_HOST": host,
        "HTTP_X_FORWARDED_PROTO": scheme,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": scheme,
        ASKED_BY_SITE: True,
    }
    setup_testing_defaults(environ)
    return environ


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    from django.core.wsgi import get_wsgi_application

    found = statuses(get_wsgi_application())
    print("\n".join(f"{status} {path}" for path, status in found.items()))
    return int(any(status >= "500" for status in found.values()))


if __name__ == "__main__":
    sys.exit(main())
