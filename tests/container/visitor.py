"""A browser without a screen, for a site that runs elsewhere."""

import re
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener


class Visitor:
    """Keeps cookies, follows redirects, and sends the token of the page that it saw last."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
        self.address = ""

    def get(self, path: str) -> str:
        return self._open(path)

    def post(self, path: str, **data: object) -> str:
        """Get the page of the form, then send it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path))
        assert token, f"{path} has no form."
        return self._open(path, urlencode(data | {"csrfmiddlewaretoken": token[1]}).encode())

    def _open(self, path: str, body: bytes | None = None) -> str:
        """Return the page at the end of all redirects. Raises AssertionError if its status is an error."""
        address = path if path.startswith("http") else f"{self.site}{path}"
        try:
            response: HTTPResponse = self.opener.open(address, body, timeout=30)
        except HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()[-3000:]}") from error
        with response:
            self.address = response.url.removeprefix(self.site)
            return response.read().decode()
