"""Readers and editors: an HTTP client with cookies and forms, and readers who ask for pages at a steady rate."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import Message
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

from tests.cluster.network import READER_NETWORK

HOST = "news.test"
TIMEOUT = 30


@dataclass
class Page:
    status: int
    headers: Message
    body: bytes
    path: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def html(self) -> Any:
        return lxml.html.fromstring(self.body)

    def form(self, having: str) -> "Form":
        """Return the form that has a field of this name."""
        for form in self.html().forms:
            if having in form.fields:
                return Form(urljoin(self.path, form.action or self.path), form)
        raise AssertionError(f"{self.path} ({self.status}) has no form with “{having}”.")


class Form:
    def __init__(self, path: str, form: Any) -> None:
        self.path = path
        self.fields = [(name, value) for name, value in form.form_values() if value is not None]

    def filled(self, **changes: str) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if name not in changes] + list(changes.items())


class Visitor:
    """One browser, with an address and cookies of its own. `server` is asked directly, without a balancer."""

    def __init__(self, server: str, port: int = 80, cookies: Mapping[str, str] | None = None) -> None:
        self.server, self.port = server, port
        self.address = f"{READER_NETWORK}.{random.randint(1, 254)}.{random.randint(1, 254)}"
        self.cookies = dict(cookies or {})

    def at(self, server: str, port: int = 80) -> Self:
        """Return the same browser at another server."""
        other = type(self)(server, port, self.cookies)
        other.address = self.address
        return other

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Page:
        """Return the response. Raises OSError or HTTPException if there is none."""
        client = http.client.HTTPConnection(self.server, self.port, timeout=TIMEOUT, source_address=(self.address, 0))
        headers = {
            "Host": HOST,
            "Accept": "text/html",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if self.port != 80:
            # What the balancer says, which is not asked now.
            headers["X-Forwarded-For"] = self.address
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            client.request(method, path, body, headers)
            response = client.getresponse()
            page = Page(response.status, response.headers, response.read(), path)
            for line in response.headers.get_all("Set-Cookie") or []:
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            return page
        finally:
            client.close()

    def get(self, path: str, **headers: str) -> Page:
        return self.request("GET", path, **headers)

    def post(self, path: str, fields: Iterable[tuple[str, str]], **headers: str) -> Page:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{HOST}", **headers}
        return self.request("POST", path, urlencode(list(fields)).encode(), **headers)

    def upload(self, path: str, name: str, content: bytes) -> Page:
        boundary = "----------------------------a-boundary"
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
        body = f"--{boundary}\r\n{head}".encode() + content + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        token = self.cookies.get("csrftoken", "")
        headers = {"Content-Type": kind, "Origin": f"http://{HOST}", "X-CSRFToken": token, "Accept": "application/json"}
        return self.request("POST", path, body, **headers)

    def log_in(self, email: str, password: str) -> Page:
        form = self.get("/accounts/login/").form("login")
        return self.post(form.path, form.filled(login=email, password=password))


@dataclass
class Load:
    """Asks for `paths` at a steady rate, in random order. `failures` are the requests without a page."""

    server: str
    paths: Sequence[str]
    rate: int = 50
    port: int = 80
    times: list[float] = field(default_factory=list)
    failures: list[tuple[float, str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.visitors = [Visitor(self.server, self.port) for _ in range(20)]
        self.pool = ThreadPoolExecutor(64, "reader")
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.started = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop.set()
        self.thread.join(30)
        self.pool.shutdown()

    def run(self) -> None:
        due = time.monotonic()
        while not self.stop.wait(max(0, due - time.monotonic())):
            self.pool.submit(self.read, random.choice(self.visitors), random.choice(self.paths))
            due += 1 / self.rate

    def read(self, visitor: Visitor, path: str) -> None:
        started = time.monotonic()
        try:
            page = visitor.get(path)
            problem = "" if page.status == 200 else str(page.status)
        except (OSError, http.client.HTTPException) as error:
            problem = type(error).__name__
        ended = time.monotonic()
        self.times.append(ended - started)
        if problem:
            self.failures.append((started - self.started, path, problem))

    def summary(self) -> str:
        times = sorted(self.times)
        late, slowest = (times[int(len(times) * 0.99)], times[-1]) if times else (0, 0)
        failed = Counter(problem for _, _, problem in self.failures)
        details = f" ({', '.join(f'{count} × {problem}' for problem, count in failed.items())})" if failed else ""
        counts = f"{len(times)} requests, {len(self.failures)} failed{details}"
        return f"{counts}, 99 % within {late:.2f} s, slowest {slowest:.1f} s"


class Writers:
    """Readers who post comments, one after the other. `acknowledged` has the texts that the site has accepted."""

    def __init__(self, server: str, path: str, sessions: Sequence[str], pause: float = 0.2) -> None:
        self.path, self.pause = path, pause
        self.visitors = [Visitor(server, cookies={"sessionid": session}) for session in sessions]
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.stop = threading.Event()

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop.set()
        self.thread.join(2 * TIMEOUT + 5)

    def run(self) -> None:
        number = 0
        while not self.stop.wait(self.pause):
            number += 1
            self.write(self.visitors[number % len(self.visitors)], f"Comment {number} {random.random()}")

    def write(self, visitor: Visitor, text: str) -> None:
        try:
            page = visitor.get(self.path)
            form = page.form("text")
            page = visitor.post(self.path, form.filled(text=text))
            problem = "" if page.status in {302, 303} else str(page.status)
        except (OSError, http.client.HTTPException, AssertionError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            self.refused.append(problem)
        else:
            self.acknowledged.append(text)


def wait_for(condition: Callable[[], Any], what: str, timeout: float = 60, interval: float = 0.1) -> float:
    """Wait until `condition` holds, and return how long that took. Errors of the network count as not yet."""
    started = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - started
        except (OSError, http.client.HTTPException, AssertionError):
            pass
        if time.monotonic() - started > timeout:
            raise AssertionError(f"Not within {timeout} s: {what}.")
        time.sleep(interval)


def path_of(url: str) -> str:
    return urlsplit(url).path
