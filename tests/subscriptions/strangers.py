"""Strangers who attack one reader with every form, and the reader who wants to log in."""

import random
import re

import time_machine
from django.core import mail
from django.core.signing import TimestampSigner
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD
from tests.subscriptions.journeys import code_for
from truthlytics.web import known_devices
from truthlytics.web.known_devices import COOKIE, digest_of, mailbox

LOGIN, CODE, CONFIRM_CODE, RESET, SIGN_UP = (
    f"/accounts/{path}/" for path in ("login", "login/code", "login/code/confirm", "password/reset", "signup")
)
AGENTS = ("curl/8", "", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "\x00é" * 9)


class Strangers:
    """Random requests. `taste` has the probability of each form, `near` an address that the reader has, too."""

    def __init__(self, seed, *, victim, other, newsletter, taste, near, devices):
        self.dice = random.Random(seed)
        self.victim, self.other, self.newsletter, self.near = victim, other, newsletter, near
        self.taste, self.devices = taste, devices
        self.clients = []
        self.forms = {
            "password": self.password,
            "code": lambda email: self.post(CODE, email=email),
            "guess": self.guess_code,
            "reset": lambda email: self.post(RESET, email=email),
            "sign_up": lambda email: self.post(SIGN_UP, email=email, display_name="A", password1=PASSWORD),
            "link": lambda email: self.post("/cancel/", email=email, link="1"),
            "cancel": lambda email: self.post("/cancel/", email=email, name="A"),
            "withdraw": lambda email: self.post("/withdraw/", email=email, name="A", contract="mine"),
            "newsletter": lambda email: self.post("/newsletters/", email=email, newsletters=self.newsletter.pk),
        }

    def act(self):
        name = self.dice.choices(list(self.taste), list(self.taste.values()))[0]
        return self.forms[name](self.spelling())

    def spelling(self):
        """Return an address of the victim's mailbox, or one that others believe to be."""
        name, _at, domain = self.victim.partition("@")
        if domain in known_devices.GOOGLE:
            domain = self.dice.choice(known_devices.GOOGLE)
            name = "".join(f"{sign}." if self.dice.random() < 0.3 else sign for sign in name).strip(".")
        tag = self.dice.choice(["", "", "", f"+{self.dice.randrange(10**6)}", "+a+b", "+"])
        text = f"{name}{tag}@{domain}"
        text = "".join(self.dice.choice([sign, sign.upper()]) for sign in text) if self.dice.random() < 0.4 else text
        return f" {text} " if self.dice.random() < 0.1 else text

    def address(self):
        number = self.dice.randrange(1 << 20)
        return self.dice.choice(
            [
                f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
                f"2001:db8:{number & 0xFFFF:x}::{number:x}",
                f"2001:db8:7:7::{number:x}",
                self.near,
                "unknown",
            ]
        )

    def client(self):
        """Return a browser, new or one of those before, with a cookie that should be of no use."""
        if self.clients and self.dice.random() < 0.4:
            return self.dice.choice(self.clients)
        client = Client(HTTP_USER_AGENT=self.dice.choice(AGENTS))
        if cookie := self.cookie():
            client.cookies[COOKIE] = cookie
        self.clients.append(client)
        return client

    def cookie(self):
        real, others = self.devices
        with time_machine.travel("2020-01-01"):
            expired = TimestampSigner(salt=f"{known_devices.__name__}:{digest_of(self.victim)}").sign("x" * 16)
        number = real.partition(":")[0]
        forged = [
            "", others, expired, real[:-1], real.upper(), real.lower(), f"{number}:{others.partition(':')[2]}",
            f"{others}|{expired}|x", TimestampSigner().sign(number), TimestampSigner(salt="x").sign(number),
            digest_of(self.other), "|" * 3000, "é:%00:" * 3, f"{real}x", f"x{real}", " ".join(real),
        ]  # fmt: skip
        return self.dice.choice(forged)

    def post(self, path, **data):
        return self.client().post(path, data, REMOTE_ADDR=self.address())

    def password(self, email):
        return self.post(LOGIN, login=email, password=f"wrong {self.dice.random()}")

    def guess_code(self, email):
        client, address = self.client(), self.address()
        client.post(CODE, {"email": email}, REMOTE_ADDR=address)
        for _ in range(self.dice.randrange(1, 5)):
            code = "".join(self.dice.choices("BCDFGHJKLMNPQRSTVWXZ", k=6))
            client.post(CONFIRM_CODE, {"code": code}, REMOTE_ADDR=address)
        return client.post(CONFIRM_CODE, {"action": "resend"}, REMOTE_ADDR=address)


class Owner:
    """The reader in a browser at an address of the internet."""

    def __init__(self, test, user, address, client=None):
        self.test, self.user, self.address, self.client = test, user, address, client or Client()

    def post(self, path, **data):
        with self.test.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, data, REMOTE_ADDR=self.address)

    @property
    def is_logged_in(self):
        return self.client.session.get("_auth_user_id") == str(self.user.pk)

    def log_out(self):
        self.client.post("/accounts/logout/")

    def tries_password(self):
        self.page = self.post(LOGIN, login=self.user.email, password=PASSWORD)
        return self.is_logged_in

    def tries_code(self):
        before = len(mail.outbox)
        self.page = self.post(CODE, email=self.user.email)
        if len(mail.outbox) == before:
            return False
        self.post(CONFIRM_CODE, code=code_for(self.user.email))
        return self.is_logged_in

    def tries_emailed_link(self):
        """Open the latest email about logging in, whoever has asked for it, in this browser."""
        found = [
            match[1]
            for email in mail.outbox
            if mailbox(email.to[0]) == mailbox(self.user.email)
            and (match := re.search(r"https?://[^/]+(/accounts/this-browser/\S+)", email.body))
        ]
        if not found:
            return False
        self.test.assertContains(self.client.get(found[-1]), "Log in from this browser")
        self.test.assertRedirects(self.post(found[-1]), reverse("account_login"))
        self.test.assertFalse(self.is_logged_in)
        return self.tries_password()

    def finds_a_way(self):
        """Return the first way in that works, as the pages name them."""
        for way in (self.tries_password, self.tries_code, self.tries_emailed_link):
            if way():
                return way.__name__.removeprefix("tries_")
        return ""
