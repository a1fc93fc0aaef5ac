"""What unknown visitors can store has a ceiling, whatever address they send it to."""

import json
import re
from datetime import timedelta
from itertools import count
from unittest import mock

from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.storage import storages
from django.db import connection
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings
from django.urls import URLResolver, get_resolver, path, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from lxml import html

from articles.models import ErrorReport
from subscriptions.models import Cart, Declaration
from subscriptions.models.cart import new_token
from tests.budget import takes_longer
from tests.factories import make_article, make_comment, make_editor, make_price, make_user
from truthlytics.cache.models import CdnPurge
from truthlytics.contact.models import Message
from truthlytics.monitoring import strangers
from truthlytics.monitoring.stranger_limits import LARGEST_SESSION
from truthlytics.monitoring.strangers import Stored
from truthlytics.web.form_recovery import MAX_LENGTH_OF_STRANGERS, WAITING_COOKIE

FEW = Stored(20, 100_000)
FEWEST = Stored(4, 20_000)
# Requests between two looks at what is stored, and rows of a kind that each of them makes at most.
LOOK, PER_REQUEST = 2, 6
TIMES = 6
LARGE = "ä b" * 5_000
# Rows that belong to those of a kind, and end with them.
COMPANIONS = {"subscriptions.CartLine"}
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def small(most=FEW):
    """Make the ceilings low and looks frequent."""
    kinds = tuple(kind._replace(most=most) for kind in strangers.KINDS)
    looks = mock.patch("truthlytics.monitoring.stranger_limits.REQUESTS", LOOK)
    return mock.patch.object(strangers, "KINDS", kinds), looks


def all_addresses(samples, patterns=None, before="/"):
    """Yield a path for each URL pattern, those of plug-ins too, with a sample for each argument."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = re.sub(r"[\^$]|\\Z", "", str(pattern.pattern))
        route = _ARGUMENT.sub(lambda found: samples.get(found[2] or found[3], samples.get(found[1], "x")), route)
        if isinstance(pattern, URLResolver):
            yield from all_addresses(samples, pattern.url_patterns, before + route)
        else:
            yield before + route


def filled_forms(page, number, longest):
    """Yield the fields of the forms of a page as a stranger fills them in, with as much text as they take."""
    for form in html.fromstring(page.content.decode() or "<p>").xpath("//form[@method='post']"):
        fields = {}
        for control in form.iter("input", "textarea", "select", "button"):
            kind, value = control.get("type", control.tag), control.get("value", "")
            if kind == "email":
                value = f"reader{number}@strangers.example"
            elif kind in {"text", "textarea"}:
                value = f"{number} {LARGE}"[: int(control.get("maxlength") or longest)]
            elif kind == "password":
                value = f"long and unknown {number}"
            elif kind == "select":
                value = next((found for found in control.xpath(".//option/@value") if found), "")
            elif kind in {"checkbox", "radio"}:
                value = value or "on"
            if name := control.get("name"):
                # A field that people do not see is left empty, as they leave it.
                fields[name] = "" if control.get("tabindex") == "-1" or control.get("autocomplete") == "off" else value
        yield form.get("action") or "", fields


def bodies():
    yield {"text": LARGE, "email": "a@strangers.example", "quote": LARGE}, {}
    yield f"text={'x' * 200_000}", {"content_type": "application/x-www-form-urlencoded"}
    yield json.dumps({"text": LARGE}), {"content_type": "application/json"}


def files():
    """Return the number of files in the folders of images and documents."""

    def walk(storage, folder):
        try:
            folders, names = storage.listdir(folder)
        except FileNotFoundError:
            return 0
        return len(names) + sum(walk(storage, f"{folder}/{name}".lstrip("/")) for name in folders)

    return sum(walk(storages[name], "") for name in ("default", "originals"))


def rows_by_table():
    counts = {model._meta.label: model._base_manager.count() for model in apps.get_models() if model._meta.managed}
    table = caches["default"]
    return counts | ({"counters": table.attempts()[0]} if hasattr(table, "attempts") else {})


def database_size():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


class Stranger:
    """Sends requests from a new address each time, with a new browser."""

    def __init__(self):
        self.numbers, self.requests, self.bytes = count(1), 0, 0

    def send(self, method, url, *data, **extra):
        number = next(self.numbers)
        self.requests += 1
        client = Client(raise_request_exception=False)
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        extra |= {"REMOTE_ADDR": address, "HTTP_ORIGIN": "http://testserver", "HTTP_ACCEPT": "text/html"}
        response = getattr(client, method)(url, *data, **extra)
        self.bytes += int(response.request.get("CONTENT_LENGTH") or 0)
        return response

    def flood(self, samples):
        for address in sorted(set(all_addresses(samples))):
            # Those of the newsroom all begin with the same code.
            is_public = not address.startswith("/admin/")
            for data, options in list(bodies())[: 3 if is_public else 1]:
                self.send("post", address, data, **options)
            if is_public:
                self.send_forms(address)

    def send_forms(self, address):
        for number in range(TIMES):
            page = self.send("get", address)
            if page.status_code != 200 or "html" not in page.get("Content-Type", "") or page.streaming:
                return
            for action, fields in filled_forms(page, next(self.numbers), (60, 200, 4000)[number % 3]):
                self.send("post", action if action.startswith("/") else address + action, fields)


class FloodTests(TestCase):
    def setUp(self):
        article = make_article(body="<p>One two three.</p>")
        comment = make_comment(article=article)
        price = make_price()
        self.samples = {
            "slug": article.slug, "pk": str(comment.pk), "int": "1", "number": "1", "uuid": str(article.uuid),
            "price": str(price.pk), "price_pk": str(price.pk), "token": "x" * 20, "provider": "demo",
        }  # fmt: skip
        self.before, self.size, self.files = rows_by_table(), database_size(), files()

    def grown(self):
        return {label: rows for label, rows in rows_by_table().items() if rows > self.before.get(label, 0)}

    def assert_bounded(self):
        declared = {kind.rows().model._meta.label for kind in strangers.KINDS if hasattr(kind, "rows")}
        unknown = set(self.grown()) - declared - COMPANIONS - {"counters"}
        self.assertEqual(unknown, set(), "Declare what strangers can store in truthlytics/monitoring/strangers.py.")
        for kind, stored in strangers.all_stored():
            with self.subTest(kind.key):
                self.assertLessEqual(stored.rows, FEWEST.rows + LOOK * PER_REQUEST)
                self.assertLessEqual(stored.size, FEWEST.size + LOOK * LARGEST_SESSION)
        self.assertEqual(files(), self.files)

    @takes_longer("Thousands of requests to all addresses.")
    def test_nothing_that_strangers_send_to_any_address_exceeds_the_ceilings(self):
        stranger = Stranger()
        ceilings, looks = small(FEWEST)
        with ceilings, looks:
            stranger.flood(self.samples)
            self.assert_bounded()
            self.assertLess(database_size() - self.size, 8_000_000)
        # The walk reaches what it is about.
        self.assertLessEqual(
            {"sessions.Session", "subscriptions.Cart", "subscriptions.Declaration", "truthlytics.Message",
             "articles.ErrorReport"},
            set(self.grown()),
        )  # fmt: skip
        self.assertGreater(stranger.bytes, 30_000_000)

    def test_an_address_that_stores_what_is_not_declared_is_found(self):
        def store(request):
            CdnPurge.objects.create(tags=["x"])
            return HttpResponse()

        class Urls:
            urlpatterns = [path("new/", store)]

        with override_settings(ROOT_URLCONF=Urls), self.assertRaisesMessage(AssertionError, "CdnPurge"):
            Stranger().flood(self.samples)
            self.assert_bounded()


class CeilingTests(TestCase):
    def shrink(self):
        ceilings, _looks = small()
        with ceilings:
            return strangers.shrink_all()

    def test_large_sessions_go_first_and_those_with_a_login_stay(self):
        own = Client()
        own.force_login(make_user())
        key = own.session.session_key
        for number in range(30):
            session = SessionStore()
            session["text"] = "x" if number else LARGE
            session.create()
        self.shrink()
        self.assertTrue(Session.objects.filter(session_key=key).exists())
        left = Session.objects.exclude(session_key=key)
        self.assertIn(left.count(), {17, 18})
        self.assertFalse(any(len(session.session_data) > 1000 for session in left))

    def test_carts_of_readers_stay(self):
        Cart.objects.create(user=make_user())
        Cart.objects.bulk_create(Cart(token=new_token()) for _ in range(30))
        self.shrink()
        self.assertEqual(Cart.objects.filter(user=None).count(), 18)
        self.assertEqual(Cart.objects.exclude(user=None).count(), 1)

    def test_a_declaration_is_received_when_all_is_full_and_those_of_accounts_stay(self):
        now = timezone.now()
        reader = make_user()
        rows = [
            Declaration(kind="withdrawal", declared_at=now - timedelta(hours=1), user=reader if number < 5 else None)
            for number in range(60)
        ]
        Declaration.objects.bulk_create(rows)
        ceilings, _looks = small()
        with ceilings:
            data = {"name": "N", "email": "n@strangers.example", "contract": "1"}
            response = self.client.post(reverse("subscriptions:withdraw"), data)
            self.assertEqual(response.status_code, 302)
            strangers.shrink_all()
        self.assertEqual(Declaration.objects.filter(user=reader).count(), 5)
        self.assertTrue(Declaration.objects.filter(email="n@strangers.example").exists())
        self.assertEqual(Declaration.objects.count(), 18)

    def test_full_messages_are_refused_in_a_sentence_with_the_text_but_not_those_of_readers(self):
        Message.objects.bulk_create(Message(subject="question", text="x") for _ in range(20))
        data = {"subject": "question", "text": "What I wanted to say."}
        ceilings, _looks = small()
        with ceilings:
            page = self.client.post(reverse("contact"), data, HTTP_ORIGIN="http://testserver")
            self.assertContains(page, "Nothing more can be received", status_code=503)
            self.assertContains(page, "What I wanted to say.", status_code=503)
            self.client.force_login(make_user())
            self.assertEqual(self.client.post(reverse("contact"), data).status_code, 302)
        self.assertEqual(Message.objects.count(), 21)
        self.assertFalse(ErrorReport.objects.exists())

    def test_counters_of_one_try_go_first(self):
        table = caches["default"]
        for number in range(30):
            table.add(f"limit:x:{number}", 0, 100 + number)
            table.incr(f"limit:x:{number}")
        table.incr("limit:x:0")
        self.shrink()
        self.assertEqual(table.get("limit:x:0"), 2)
        self.assertEqual([table.get("limit:x:1"), table.get("limit:x:29")], [None, 1])

    def test_a_session_without_a_login_has_a_largest_size(self):
        def keep(request):
            request.session["text"] = get_random_string(2 * LARGEST_SESSION)
            return HttpResponse()

        class Urls:
            urlpatterns = [path("keep/", keep)]
            handler400 = "truthlytics.views.bad_request"

        with override_settings(ROOT_URLCONF=Urls):
            self.assertEqual(self.client.post("/keep/").status_code, 413)
        self.assertFalse(Session.objects.exists())


class KeptFormTests(TestCase):
    """Forms posted to the newsroom without a login."""

    def setUp(self):
        self.url = reverse("admin:articles_article_add")

    def post(self, client, size):
        return client.post(self.url, {"body": "x" * size}, HTTP_ORIGIN="http://testserver", HTTP_ACCEPT="text/html")

    def test_of_strangers_only_a_short_form_is_kept_for_a_day(self):
        self.post(self.client, 2_000_000)
        self.assertFalse(Session.objects.exists())
        self.post(self.client, MAX_LENGTH_OF_STRANGERS - 100)
        session = Session.objects.get()
        self.assertLess(session.expire_date, timezone.now() + timedelta(days=1, seconds=1))

    def test_all_of_it_is_kept_in_a_browser_that_staff_has_used_and_only_for_them(self):
        editor = make_editor()
        self.client.force_login(editor)
        self.client.get(self.url)
        del self.client.cookies["sessionid"]
        self.post(self.client, 1_000_000)
        self.assertIn(WAITING_COOKIE, self.client.cookies)
        self.client.force_login(make_editor())
        self.assertNotContains(self.client.get(self.url), "Submit again")
        self.client.force_login(editor)
        self.assertContains(self.client.get(self.url), "x" * 1_000_000)

    def test_a_forged_cookie_and_that_of_former_staff_keep_no_long_form(self):
        editor = make_editor()
        self.client.force_login(editor)
        self.client.get(self.url)
        del self.client.cookies["sessionid"]
        editor.is_staff = False
        editor.save()
        self.post(self.client, 1_000_000)
        self.client.cookies["newsroom_device"] = f"{make_editor().pk}:x:y"
        self.post(self.client, 1_000_000)
        self.assertNotIn(WAITING_COOKIE, self.client.cookies)
