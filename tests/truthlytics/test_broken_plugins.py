"""A plug-in that breaks every hook: nobody gets an error, no write is lost, and the log names what failed.

The hooks are those of the code, so that a new one is broken here at once. In each round, every hook fails in another
way; after as many rounds as there are ways, each hook has failed in each. `BROKEN_PLUGINS=alone` breaks one at a time.
"""

import logging
import os
import sys
import tempfile
import types
from pathlib import Path
from unittest import mock
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.admin import site
from django.core.checks import CheckMessage
from django.core.management import call_command
from django.test import Client, SimpleTestCase, TestCase, override_settings
from django.urls import reverse

from articles.checks import Check, Severity
from articles.models import Article
from comments.models import Comment
from subscriptions.models import Order
from subscriptions.providers import ProviderError, all_providers, offered_providers
from subscriptions.providers.guarded import METHODS, guarded
from subscriptions.providers.manual import Manual
from tests.articles.admin.editor import form_data
from tests.budget import takes_longer
from tests.comments.base import TEXT
from tests.factories import (
    make_article,
    make_author,
    make_commenter,
    make_draft,
    make_editor,
    make_price,
    make_section,
    make_user,
)
from tests.subscriptions.journeys import Steps
from truthlytics.events.services.telling import event_told
from truthlytics.newsroom.admin_site import _site_urls
from truthlytics.newsroom.settings_pages import settings_admins
from truthlytics.web import plugins, slots

NAME = "troublemaker"
APP = "from django.apps import AppConfig\n\n\nclass Trouble(AppConfig):\n    name = 'troublemaker'\n"


class Unreadable:
    def __str__(self):
        raise RuntimeError("no")

    __repr__ = __html__ = __iter__ = __len__ = __str__


class Half(str):
    """A text whose HTML is none."""

    def __html__(self):
        return None


def fails(*args, **kwargs):
    raise ZeroDivisionError("no")


def returns(value):
    return lambda *args, **kwargs: value


WAYS = {
    "raises": fails,
    "nothing": returns(None),
    "number": returns(7),
    "huge": returns("x" * 3_000_000),
    "unreadable": returns(Unreadable()),
    "half": returns(Half("\ud800")),
    "wrong_parts": returns([None, (1, 2), Unreadable(), {"a": "b"}]),
}
HOOKS = [
    *(f"slot {name}" for name in slots.SLOTS),
    *(f"attribute {name}" for name in plugins._READ),
    *(f"method {name}" for name in METHODS),
    "check run",
    "receiver",
]
assert set(Check.__abstractmethods__) == {"run"}


def named(function, name):
    """Return the function as one of the plug-in."""

    def hook(*args, **kwargs):
        return function(*args, **kwargs)

    hook.__module__, hook.__qualname__ = f"{NAME}.hooks", name
    return hook


class TroubleCase(TestCase):
    """A site with the plug-in, which does nothing yet."""

    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / NAME).mkdir()
        (folder / NAME / "__init__.py").touch()
        (folder / NAME / "apps.py").write_text(APP)
        sys.path.insert(0, str(folder))
        self.addCleanup(sys.path.remove, str(folder))
        for name in (NAME, f"{NAME}.apps", f"{NAME}.hooks"):
            self.addCleanup(sys.modules.pop, name, None)
        self.hooks = sys.modules[f"{NAME}.hooks"] = types.ModuleType(f"{NAME}.hooks")
        installed = [*settings.INSTALLED_APPS, NAME]
        self.enterContext(override_settings(INSTALLED_APPS=installed, PLUGINS=(NAME,)))
        self.config = apps.get_app_config(NAME)
        self.enterContext(mock.patch.object(slots, "_shown", {}))
        self.receivers, own = [], Check.__subclasses__()
        self.checks = []
        self.enterContext(mock.patch.object(Check, "__subclasses__", lambda: [*self.checks, *own]))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    def break_hook(self, hook, way):
        kind, _space, name = hook.partition(" ")
        function = named(WAYS[way], f"{name}_{way}")
        if kind == "slot":
            slots._shown[name] = [function]
        elif kind == "attribute":
            value = property(WAYS[way]) if way == "raises" else WAYS[way]()
            setattr(type(self.config), name, value)
        elif kind == "method":
            setattr(self.provider(), name, function)
            self.config.payment_providers = (f"{NAME}.hooks.Odd",)
        elif kind == "check":
            attributes = {"run": function, "severity": Severity.BLOCKING, "articles_only": False}
            self.checks.append(type("Odd", (), attributes | {"__module__": f"{NAME}.hooks"}))
        else:
            event_told.connect(function, weak=False)
            self.addCleanup(event_told.disconnect, function)

    def provider(self):
        if not hasattr(self.hooks, "Odd"):
            fields = {"code": "odd", "label": "Odd", "offered": lambda self: True, "__module__": f"{NAME}.hooks"}
            self.hooks.Odd = type("Odd", (Manual,), fields)
        return self.hooks.Odd


class Journey(Steps, TroubleCase):
    def setUp(self):
        super().setUp()
        self.article, self.draft = make_article(section=make_section(slug="water")), make_draft()
        self.commenter = make_commenter()

    def get(self, client, address, statuses=(200, 302, 304)):
        client.raise_request_exception = False
        answer = client.get(address)
        self.assertIn(answer.status_code, statuses, address)
        return answer

    def everyone_works(self):
        article, draft = self.article, self.draft
        with self.captureOnCommitCallbacks(execute=True):
            self.visit(article)
            self.subscribe()
            self.comment(article)
            self.edit(draft)
        with self.captureOnCommitCallbacks(execute=True):
            call_command("tick", stdout=mock.Mock())
        call_command("check", stderr=mock.Mock(), stdout=mock.Mock())

    def visit(self, article):
        author = article.bylines.first().author
        for address in (
            "/", "/latest/", "/search/?q=headline", "/feed/", "/sitemap.xml", "/api/v1/articles", "/water/",
            "/sections/water/", article.get_absolute_url(), f"{article.get_absolute_url()}index.md",
            author.get_absolute_url(), "/accounts/login/", "/accounts/signup/", "/robots.txt", "/nowhere/",
        ):  # fmt: skip
            self.get(Client(), address, (200, 301, 302, 404))

    def subscribe(self):
        self.client = Client(raise_request_exception=False)
        self.client.force_login(reader := make_user())
        self.choose(make_price())
        self.get(self.client, "/cart/")
        for provider in ("odd", "manual"):
            answer = self.order(provider)
            # 502 is the page about a payment service that does not answer: the order is kept.
            self.assertTrue(answer.status_code < 500 or (provider, answer.status_code) == ("odd", 502), provider)
            if Order.objects.filter(user=reader).exists():
                break
        order = Order.objects.get(user=reader)
        self.get(self.client, order.get_absolute_url())
        self.get(self.client, "/account/")
        self.get(self.client, reverse("subscriptions:emails"))

    def comment(self, article):
        client = Client(raise_request_exception=False)
        client.force_login(self.commenter)
        before = Comment.objects.count()
        answer = client.post(reverse("comments:write", args=[article.slug]), {"text": TEXT, "key": str(uuid4())})
        self.assertLess(answer.status_code, 500)
        self.assertEqual(Comment.objects.count(), before + 1)

    def edit(self, draft):
        client = Client(raise_request_exception=False)
        client.force_login(make_editor())
        url = lambda name: reverse(f"admin:articles_article_{name}", args=[draft.pk])  # noqa: E731
        connections = reverse("admin:truthlytics_connectionsettings_changelist")
        for address in (
            "/admin/", "/admin/import/", "/admin/truthlytics/publication/", "/admin/settings/", connections,
            reverse("styles"),
        ):  # fmt: skip
            self.get(client, address, (200, 302, 404))
        new = client.post(
            reverse("admin:articles_article_add"), form_data(headline="New words", authors=[make_author()])
        )
        self.assertEqual((new.status_code, Article.objects.filter(headline="New words").count()), (302, 1))
        self.get(client, url("change"))
        saved = client.post(url("change"), form_data(draft, headline="Other words"))
        self.assertEqual(saved.status_code, 302)
        self.get(client, url("checks"))
        form = self.get(client, url("publish")).context["form"]
        ticked = [name for name, _label in form.fields["without"].choices] if "without" in form.fields else []
        data = {"when": "now", "last": 0, "note": "", "ai_uses": "none", "without": ticked}
        published = client.post(url("publish"), data)
        self.assertEqual(published.status_code, 302, published.content.decode()[:0])
        draft.refresh_from_db()
        self.assertEqual((draft.state(), draft.live.headline), ("published", "Other words"))


def rounds():
    """Yield a name and what is broken: each hook in another way, or one hook alone.

    Methods of ways to pay can only be reached if the list of them is not broken.
    """
    ways = list(WAYS)
    if os.environ.get("BROKEN_PLUGINS") == "alone":
        yield from ((f"{hook} {way}".replace(" ", "_"), [(hook, way)]) for hook in HOOKS for way in ways)
        return
    apart = "attribute payment_providers"
    for number, way in enumerate(ways):
        together = enumerate(hook for hook in HOOKS if hook != apart)
        yield f"all_{number}", [(hook, ways[(number + place) % len(ways)]) for place, hook in together]
        yield f"{apart}_{way}".replace(" ", "_"), [(apart, way)]


class BrokenPluginTests(Journey):
    """A test for each round: see `rounds`."""

    def break_all(self, broken):
        for hook, way in broken:
            self.break_hook(hook, way)
        with self.assertLogs(level="ERROR") as logs:
            logging.getLogger().error("The site was used.")
            self.everyone_works()
        text = "\n".join([*logs.output, *plugins.problems()])
        for hook, way in broken:
            kind, _space, name = hook.partition(" ")
            if kind == "slot":
                self.assertIn(f"{NAME}.hooks.{name}_{way} failed in the slot “{name}”", text)
            elif hook == "receiver" and way == "raises":
                self.assertIn(f"{NAME}.hooks._raises failed with the event", text)
            elif kind == "check":
                self.assertIn(f"The check Odd of the plug-in {NAME}.hooks failed", text)
            elif kind == "attribute":
                self.assertIn(f"“{name}” of the plug-in “{NAME}”", text)


for suffix, all_broken in rounds():
    test = takes_longer("Readers and editors use the whole site.")(
        lambda self, broken=all_broken: BrokenPluginTests.break_all(self, broken)
    )
    test.__name__ = f"test_{suffix}"
    setattr(BrokenPluginTests, test.__name__, test)


class MethodTests(TroubleCase):
    def test_methods_of_a_way_to_pay_answer_or_raise_an_error_of_payments(self):
        tried = 0
        for name, hint in METHODS.items():
            for way, function in WAYS.items():
                provider = guarded(type("Odd", (Manual,), {name: function, "code": "odd", "__module__": NAME}))()
                with self.subTest(name, way=way):
                    try:
                        found = getattr(provider, name)(mock.Mock())
                        found = list(found) if "Iterator" in str(hint) else found
                    except ProviderError:
                        tried += 1
                        continue
                    tried += 1
                    if hint is bool:
                        self.assertIs(found, False)
                    elif "CheckMessage" in str(hint):
                        self.assertTrue(all(isinstance(message, CheckMessage) for message in found))
                        self.assertTrue(found)
                    else:
                        self.assertIn(str(hint), ("<class 'NoneType'>", "None", str(str)))
        self.assertEqual(tried, len(METHODS) * len(WAYS))

    def test_one_that_can_not_be_made_is_left_out_and_named(self):
        def init(self):
            raise RuntimeError("no")

        for fields in (
            {"__init__": init}, {"code": "x" * 21}, {"code": 3}, {"code": "a b"}, {"label": Unreadable()},
            {"label": "\ud800"}, {"instructions": Unreadable()}, {"method": None}, {"renews": "yes"}, {"site": 3},
            {"label": "x" * 3000},
        ):  # fmt: skip
            self.hooks.Odd = type(
                "Odd", (Manual,), {"code": "odd", "label": "Odd", "offered": lambda self: True} | fields
            )
            self.config.payment_providers = (f"{NAME}.hooks.Odd", f"{NAME}.nowhere.Odd", 3)
            with self.subTest(fields), self.assertLogs("truthlytics.web.plugins", "ERROR") as logs:
                self.assertEqual([provider.code for provider in offered_providers()], ["manual"])
                self.assertEqual(len(logs.output) % 3, 0)
                self.assertIn("of the plug-in “troublemaker” cannot be used", logs.output[0])
                self.assertEqual(sum(NAME in problem for problem in plugins.problems()), 3)
        self.assertTrue(all_providers())


class AdminTests(SimpleTestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    @override_settings(PLUGINS=(NAME,))
    def test_pages_that_can_not_be_made_take_no_others_away(self):
        for way, function in WAYS.items():
            admin = type("OddAdmin", (), {"get_site_urls": function, "__module__": f"{NAME}.admin"})()
            with self.subTest(way), self.assertLogs("truthlytics.newsroom.admin_site", "ERROR") as logs:
                self.assertEqual(_site_urls(admin), [])
                self.assertIn(f"{NAME}.admin", logs.output[0])

    def test_our_own_pages_may_not_fail(self):
        admin = type("OurAdmin", (), {"get_site_urls": fails, "__module__": "articles.admin"})()
        self.assertRaises(ZeroDivisionError, _site_urls, admin)

    def test_pages_of_settings_are_listed_without_those_that_have_no_name(self):
        self.assertTrue(all(str(page.page_name) for page in settings_admins(site)))
