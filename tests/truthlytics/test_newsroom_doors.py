"""Who gets in where: every address of the newsroom, every role, every method. An address that no line knows fails."""

from copy import copy
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Redirect
from articles.models.remarks import Remark
from articles.models.saved_filters import SavedFilter
from articles.presenters.menus import DEFAULT
from articles.services import revisions, sharing
from articles.services.menus import save_menus
from subscriptions.models import Grant, Order, Payment, Plan, Price, Subscription, Tier
from tests.articles.test_documents import make_document
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_dossier,
    make_draft,
    make_edition,
    make_image,
    make_member,
    make_page,
    make_paid,
    make_recording,
    make_section,
    make_series,
    make_topic,
    make_user,
)  # fmt: skip
from tests.truthlytics.newsroom_doors import doors
from tests.truthlytics.newsroom_expected import EXPECTED
from truthlytics.audit import log

INDEX = "/admin/"
# To the log-in; the newsroom's index is where Django sends who asks for a row that is not there.
LOGIN = "/admin/login/"
AWAY = {"/accounts/login/", LOGIN}
REFUSED = {403, 404, 405}
ROLES = {"A": "Author", "E": "Editor", "M": "Moderator", "P": "Publisher"}
# What stands for the row itself in an address.
ASKS = {"pk", "object_id"}
NOBODYS = ("PUT", "PATCH", "DELETE", "OPTIONS")


class DoorTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = {letter: make_member(role) for letter, role in ROLES.items()}
        cls.own = make_draft(authors=[make_author(user=cls.people["A"])])
        cls.foreign = make_draft()
        cls.save = revisions.save_revision(item=cls.own, by=cls.people["A"])
        comment = make_comment(article=make_article())
        cls.things = {
            "articles_article": cls.own, "articles_author": make_author(),
            "articles_dossier": make_dossier(make_article()), "articles_page": make_page(),
            "articles_image": make_image(), "articles_recording": make_recording(),
            "articles_section": make_section(), "articles_series": make_series(), "articles_topic": make_topic(),
            "comments_comment": comment, "comments_thread": comment.article.thread,
            "subscriptions_user": make_user(), "articles_document": make_document(),
        }  # fmt: skip
        make_paid()
        cls.things |= {"subscriptions_order": Order.objects.get(), "subscriptions_payment": Payment.objects.get()}
        for model in (Tier, Plan, Price, Subscription, Grant):
            cls.things[f"subscriptions_{model._meta.model_name}"] = model.objects.first()
        cls.things["truthlytics_auditentry"] = log.write(by=None, row=cls.own)
        cls.things["articles_redirect"] = Redirect.objects.create(path="/old", article=cls.own)
        cls.articles = ContentType.objects.get_for_model(Article)
        later = timezone.now() + timedelta(days=1)
        # Of what only its owner sees, the publisher's.
        kept = SavedFilter.objects.create(user=cls.people["P"], name="Mine", query="state=draft")
        cls.things |= {"articles_article_forget_filter": kept, "calendar_move": make_article(at=later)}
        cls.things["view_on_site"] = cls.own
        link = sharing.share(article=cls.own, by=cls.people["A"], days=7)
        remark = Remark.objects.create(article=cls.own, author_name="A", text="Sure?", key=uuid4())
        mine = Remark.objects.create(article=cls.own, author=cls.people["A"], author_name="A", text="Mine.")
        cls.others = {
            "number": make_edition(at=later).number, "key": f"s{cls.save.pk}", "app_label": "articles",
            "content_type_id": cls.articles.pk, "opening": remark.pk, "link": link.pk, "remark": mine.pk,
            "year": 2026, "month": 11, "day": 25, ("articles_page_save", "key"): "v1",
            ("menus_restore", "number"): save_menus(content=DEFAULT, seen=0).number,
        }  # fmt: skip
        cls.clients = {letter: cls.client_of(person) for letter, person in cls.people.items()}
        cls.reader = cls.client_of(make_user())

    @classmethod
    def client_of(cls, person):
        client = Client(raise_request_exception=False)
        client.force_login(person)
        return client

    def address(self, door, article=None):
        answers = {name: self.answer(door, name, article) for name in door.asks}
        return reverse(f"{door.within}{door.name}", kwargs=answers)

    def answer(self, door, name, article):
        """What is written for `name` in the address of `door`."""
        if name in {"object_id", "pk"}:
            kind = "_".join(door.name.split("_")[:2])
            known = article if article is not None and kind == "articles_article" else self.things.get(kind)
            thing = self.things.get(door.name, known)
            return thing.pk if thing is not None else 1
        return self.others.get((door.name, name)) or self.others[name]

    def status(self, client, method, address):
        """What `method` would be answered, 403 for being sent away; whatever it does is taken back."""
        cookies = copy(client.cookies)
        with transaction.atomic():
            answer = client.generic(method, address)
            transaction.set_rollback(True)
        client.cookies = cookies
        sent_to = urlsplit(answer.headers.get("Location", "")).path
        away = sent_to in AWAY or (sent_to == INDEX and address != LOGIN)
        return 403 if away else answer.status_code

    def test_every_address_has_its_line_and_every_line_its_address(self):
        self.assertEqual(set(doors()), set(EXPECTED))

    def test_each_role_gets_in_where_its_line_says(self):
        for name, door in doors().items():
            for method, roles in zip(("GET", "POST"), EXPECTED[name].split("/"), strict=True):
                address = self.address(door)
                got = {letter: self.status(client, method, address) for letter, client in self.clients.items()}
                with self.subTest(f"{method} {name}", answers=got):
                    self.assertEqual({letter for letter, status in got.items() if status not in REFUSED}, set(roles))
                    self.assertLess(max(got.values()), 500)

    def test_nobody_comes_in_by_another_method(self):
        for name, door in doors().items():
            for method in NOBODYS if name != "login" else ():  # which leads to the index, whatever one asks
                with self.subTest(f"{method} {name}"):
                    self.assertIn(self.status(self.clients["P"], method, self.address(door)), REFUSED)

    def test_who_is_no_member_gets_nowhere(self):
        anonymous = Client()
        for name, door in doors().items():
            for method in ("GET", "POST"):
                address = self.address(door)
                with self.subTest(f"{method} {name}"):
                    self.assertIn(self.status(self.reader, method, address), REFUSED)
                    self.assertIn(self.status(anonymous, method, address), REFUSED)

    def test_an_author_gets_in_with_their_own_drafts_only(self):
        of_one = {
            name: door for name, door in doors().items() if name.startswith("articles_article_") and ASKS & {*door.asks}
        }
        self.assertIn("articles_article_change", of_one)
        for name, door in of_one.items():
            for method in ("GET", "POST"):
                if name != "articles_article_forget_filter":  # which asks for a filter, no article
                    with self.subTest(f"{method} {name}"):
                        address = self.address(door, self.foreign)
                        self.assertIn(self.status(self.clients["A"], method, address), REFUSED)
