"""What is refused before Django sees it: other hosts than that of SITE_URL, ports included, and needless bodies."""

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from truthlytics.publication.language import last_known_language
from truthlytics.server.body_buffer import Application, BodyBuffer, Environ, StartResponse
from truthlytics.web.hosts import own_host

OTHER_HOST = _("There is no such site here. Its address must be the one that this server was set up for.")
NO_BODY = _("This address takes no data.")
# Places for refused requests. Their bodies are received and dropped, so that a proxy that sends one reads the answer.
MAX_REFUSED = 8


class HostGate:
    """Passes requests for this site to `site`, with its host in one spelling, and refuses all others.

    Django accepts each port and a dot at the end, and every one of them would be another page to the page cache.
    """

    def __init__(self, site: Application) -> None:
        self.site = site
        self.refuse = Refusal(OTHER_HOST)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        host = own_host(environ.get("HTTP_HOST", ""))
        if host is None:
            return self.refuse(environ, start_response)
        environ["HTTP_HOST"] = host
        return self.site(environ, start_response)


class BodyGate:
    """Passes requests without a body to `application`, which reads none, and refuses all others."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.refuse = Refusal(NO_BODY)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        has_body = environ.get("CONTENT_LENGTH") not in {None, "", "0"} or "HTTP_TRANSFER_ENCODING" in environ
        return (self.refuse if has_body else self.application)(environ, start_response)


class Refusal:
    """Answers 400 when the body of the request has arrived."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        self._answer_late = BodyBuffer(self.answer, max_changes=MAX_REFUSED, max_uploads=MAX_REFUSED)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer_late(environ, start_response)

    def answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with last_known_language():
            body = gettext(self.sentence).encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("400 Bad Request", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
