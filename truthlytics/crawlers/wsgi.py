"""The layer around the page cache that knows crawlers: it counts what they fetch, and refuses some of them.

It is outside of the page cache, which answers most requests. A request of a person costs one look-up of its User-Agent.
"""

from collections.abc import Iterable
from http import HTTPStatus

from django.db import Error, connection

from truthlytics.crawlers.counting import CRAWLER_COUNTER, CrawlerCounter
from truthlytics.crawlers.models import Fetched, SignedAgent
from truthlytics.crawlers.signatures import UNKNOWN, Checked, Key, Verdict, Verifier
from truthlytics.publication import get_publication
from truthlytics.publication.crawlers import CLASSES
from truthlytics.publication.models import Publication
from truthlytics.server.body_buffer import Application, BodyBuffer, Environ, StartResponse
from truthlytics.web.agents import Agent, agent_of
from truthlytics.web.hosts import is_cached_host

# What a crawler that is refused may fetch, to learn that it is.
OPEN_PATHS = {"/robots.txt", "/license.xml", "/trust.txt", "/.well-known/trust.txt"}
SENTENCE = b"This site does not want this crawler to fetch its pages. See /robots.txt.\n"


class CrawlerGate:
    def __init__(
        self, site: Application, *, counter: CrawlerCounter = CRAWLER_COUNTER, verifier: Verifier | None = None
    ) -> None:
        self.site = site
        self.counter = counter
        self.verifier = verifier or Verifier()
        self._keys: tuple[Publication | None, dict[str, Key]] = (None, {})
        # A proxy that sends a body reads no answer before the body has been received.
        self.refuse = BodyBuffer(refuse, max_changes=8, max_uploads=8)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        agent = agent_of(environ.get("HTTP_USER_AGENT", ""))
        if agent.kind not in CLASSES and "HTTP_SIGNATURE_INPUT" not in environ:
            return self.site(environ, start_response)
        if self.is_refused(agent, environ):
            return self.refuse(environ, start_response)
        return self.site(environ, start_response)

    def is_refused(self, agent: Agent, environ: Environ) -> bool:
        """Count the request of a crawler, and return whether it is refused."""
        try:
            publication = get_publication()
            checked = self.check_signature(publication, environ)
        except Error:
            # The database is away. Pages that are cached are served to all.
            return False
        finally:
            # Those threads of the server that run no page have a connection only while they read settings.
            if not connection.in_atomic_block:
                connection.close()
        if checked.agent and checked.verdict == Verdict.FORGED:
            self.counter.add(checked.agent.name, Fetched(forged=1))
        elif checked.agent:
            agent = checked.agent
        if agent.kind not in CLASSES:
            return False
        is_refused = (
            publication.refuse_crawlers
            and not publication.allows_crawler(agent)
            and environ["PATH_INFO"] not in OPEN_PATHS
        )
        self.counter.add(agent.name, Fetched(requests=1, refused=int(is_refused)))
        return is_refused

    def check_signature(self, publication: Publication, environ: Environ) -> Checked:
        """Return who has signed the request, and whether the signature holds. Nearly all requests have none."""
        if "HTTP_SIGNATURE_INPUT" not in environ:
            return UNKNOWN
        # A signature for another site, sent to us with its name, says nothing.
        if not is_cached_host(environ.get("HTTP_HOST", "")):
            return UNKNOWN
        keys = self.known_keys(publication)
        return self.verifier.check(environ, keys) if keys else UNKNOWN

    def known_keys(self, publication: Publication) -> dict[str, Key]:
        """Return the keys of signed agents. They are read again with the publication, which is kept until a change."""
        read_with, keys = self._keys
        if read_with is not publication:
            keys = SignedAgent.objects.known_keys()
            self._keys = publication, keys
        return keys


def refuse(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(SENTENCE))),
        ("Cache-Control", "private, no-store"),
        ("X-Robots-Tag", "noindex"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(f"{HTTPStatus.FORBIDDEN.value} {HTTPStatus.FORBIDDEN.phrase}", headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else SENTENCE]
