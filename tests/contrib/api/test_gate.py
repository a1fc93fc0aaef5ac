"""Readers and keys without access never receive gated text from the API."""

from datetime import timedelta

from django.test import tag
from django.urls import reverse
from django.utils import timezone

from tests.budget import takes_longer
from tests.factories import make_article, make_draft
from tests.truthlytics.test_gate import FILTERS, GATED_SEARCHES, SEARCHES, SECRET, URLS, GateCase
from truthlytics.contrib.api.models import Key, Scope


class ApiGateTests(GateCase):
    def answers(self):
        for name in filter(lambda name: name.startswith("api:"), URLS):
            yield name, self.client.get(reverse(name, kwargs=URLS[name]))
        yield "by id", self.client.get(f"/api/v1/articles/{self.article.uuid}")
        for query in SEARCHES:
            yield f"search {query}", self.client.get(f"/api/v1/search?{query}")

    @takes_longer("Every kind of reader asks every kind of address.")
    def test_readers_without_access_never_receive_gated_text(self):
        for reader in self.readers:
            self.assert_no_gated_text(reader, self.answers, least=30)

    @tag("sqlite")  # None of them queries the database in a way of its own.
    @takes_longer("Every kind of reader searches in many ways.")
    def test_searches_for_gated_text_find_nothing(self):
        for query in GATED_SEARCHES:
            for filters in FILTERS:
                with self.subTest(f"{query} {filters}"):
                    self.assertEqual(self.client.get("/api/v1/search", {"q": query, **filters}).json()["items"], [])

    def test_keys_read_what_their_owner_may_read(self):
        make_draft(headline=f"{SECRET} draft", slug="a-draft")
        make_article(headline=f"{SECRET} later", at=timezone.now() + timedelta(days=1))
        issue = Key.objects.issue
        keys = {name: issue(name=name, reader=user) for name, user in self.readers.items() if user}
        keys["publication"] = issue(name="publication", scopes=set(Scope) - {Scope.ARTICLES, Scope.READERS})
        names = [name for name in URLS if name.startswith("api:") and name not in {"api:documentation", "api:openapi"}]
        urls = [reverse(name, kwargs=URLS[name]) for name in names]
        urls += ["/api/v1/articles/a-draft", f"/api/v1/articles/{self.article.uuid}", "/api/v1/search?q=text"]
        for who, (_row, key) in keys.items():
            for url in urls:
                with self.subTest(f"{who}: {url}"):
                    response = self.client.get(url, headers={"Authorization": f"Bearer {key}"})
                    self.assertLess(response.status_code, 500)
                    for secret in (SECRET, "@example.org"):
                        self.assertNotIn(secret, response.content.decode() + str(dict(response.headers)))
        key = issue(name="all", scopes=[Scope.ARTICLES])[1]
        whole = self.client.get("/api/v1/articles/gated-article", headers={"Authorization": f"Bearer {key}"})
        self.assertContains(whole, f"{SECRET} addition.")
