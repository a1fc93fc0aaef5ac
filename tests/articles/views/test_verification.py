"""“Verify this article”: what the page says, what the browser gets to check, and what it does not get."""

import hashlib
import json
import re
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.test import TestCase
from django.utils import timezone

from articles.integrity import chain_digest, digest_of, digest_of_content
from articles.models import Version
from articles.services.publishing import withdraw
from articles.services.redaction import redact
from articles.services.scheduling import set_scheduled_access
from tests.articles.views.log_case import cosign, log_versions
from tests.factories import (
    make_article,
    make_dossier,
    make_editor,
    make_image,
    make_page,
    make_subscriber,
    make_version,
)
from tests.html import page_of, text_of
from tests.record_key import use_key
from tests.truthlytics.transparency.outsider import check
from truthlytics.transparency import keys
from truthlytics.transparency.merkle import leaf_hash, proves_inclusion
from truthlytics.transparency.models import Checkpoint, Log
from truthlytics.transparency.notes import Head, Note, VerifierKey, from_base64
from truthlytics.transparency.outside.expected import differences
from truthlytics.transparency.outside.pages import Page
from truthlytics.web.canonical_json import canonical


class VerificationCase(TestCase):
    def setUp(self):
        super().setUp()
        use_key(self)

    def page(self, item, path="verify/", status=200):
        response = self.client.get(f"{item.get_absolute_url()}{path}")
        self.assertEqual(response.status_code, status, path)
        return response

    def text(self, item, path="verify/"):
        """Return the words on the page."""
        html = self.page(item, path).content.decode().split("<main")[1].split("</main>")[0]
        return " ".join(re.sub("<[^>]+>", " ", html).split())

    def evidence(self, item, number=1):
        return json.loads(self.page(item, f"versions/{number}/evidence.json").content)


class FreePartTests(VerificationCase):
    """What those who have not paid can check of a gated text."""

    GATED = "<p>Free words.</p><hr data-gate><p>Secret words that only subscribers read.</p>"

    def free_of(self, article, number=1):
        log_versions(article)
        version = self.evidence(article, number)["version"]
        return version, version.get("free")

    def test_stranger_computes_the_digest_in_the_chain_from_what_everybody_sees(self):
        article = make_article(headline="The harbour", body=self.GATED, required_level=10)
        version, free = self.free_of(article)
        self.assertEqual(hashlib.sha256(free.encode()).hexdigest(), version["content_digest"])
        free = json.loads(free)
        self.assertEqual((free["headline"], free["body"]), ("The harbour", "<p>Free words.</p>"))
        self.assertNotIn("content", version)
        self.assertEqual(chain_digest("", article.uuid, article.live), version["digest"])

    def test_headline_standfirst_and_free_words_cannot_be_replaced(self):
        article = make_article(body=self.GATED, required_level=10)
        content = json.loads(article.live.content)
        for name in ("headline", "standfirst", "body"):
            for part in (content, content["free"]):
                forged = json.loads(article.live.content)
                (forged if part is content else forged["free"])[name] += " Forged."
                self.assertNotEqual(digest_of_content(canonical(forged)), article.live.content_digest)

    def test_subscriber_checks_the_whole_with_the_same_digest(self):
        article = make_article(body=self.GATED, required_level=10)
        log_versions(article)
        self.client.force_login(make_subscriber())
        version = self.evidence(article)["version"]
        self.assertEqual(json.loads(version["free"])["whole"], digest_of(version["content"]))
        self.assertIn("Secret", version["content"])

    def test_nothing_gated_leaks(self):
        image, other = make_image(caption="Shown to all"), make_image(caption="Secret caption")
        figure = f'<figure data-image="{other.uuid}"><figcaption>Secret too</figcaption></figure>'
        note = '<p>Secret<sup data-footnote="Secret note https://secret.example/"></sup></p>'
        body = f"<p>Free words.</p><hr data-gate>{figure}{note}"
        article = make_article(lead=image, body=body, required_level=10)
        _version, free = self.free_of(article)
        self.assertNotIn("secret", free.lower())
        self.assertNotIn(str(other.uuid), free)
        self.assertIn(str(image.uuid), free)

    def test_what_is_gated_now_is_not_shown_of_an_old_version(self):
        both = "<p>One word for all of us here today.</p><p>Two words for all of us here today.</p>"
        article = make_article(body=f"{both}<hr data-gate><p>Three.</p>", required_level=10)
        make_version(article, body=both.replace("</p><p>", "</p><hr data-gate><p>"), kind="update", note="News.")
        self.assertIsNone(self.free_of(article, 1)[1])
        self.assertIn("One word", self.free_of(article, 2)[1])

    def test_removed_text_has_none(self):
        article = make_article(body=self.GATED, required_level=10)
        make_version(article, body=self.GATED.replace("Free", "Open"), kind="update", note="News.")
        redact(item=article, version=article.versions.get(number=1), reason="A court demanded it.")
        self.assertIsNone(self.free_of(article, 1)[1])

    def test_free_text_has_no_part_of_its_own(self):
        version, free = self.free_of(make_article(body="<p>All of it.</p>"))
        self.assertIsNone(free)
        self.assertEqual(digest_of(version["content"]), version["content_digest"])

    def test_change_of_access_of_a_scheduled_version_divides_it_again(self):
        article = make_article(body="<p>Old.</p>")
        later = timezone.now() + timedelta(hours=1)
        make_version(article, body=self.GATED, at=later, kind="update", note="News.")
        set_scheduled_access(article=article, required_level=10)
        content = json.loads(article.scheduled_version().content)
        self.assertEqual(content["free"]["body"], "<p>Free words.</p>")
        set_scheduled_access(article=article, required_level=0)
        self.assertNotIn("free", json.loads(article.scheduled_version().content))


class EvidenceTests(VerificationCase):
    def test_the_title_begins_with_that_of_the_text(self):
        article = make_article(headline="Half a raise")
        log_versions(article)
        (title,) = page_of(self.page(article)).xpath("//title")
        self.assertTrue(text_of(title).startswith("Half a raise · Verify this article · "))

    def test_all_that_is_needed_to_check_a_version(self):
        article = make_article(headline="The harbour")
        version = make_version(
            article, headline="The port", note="It is a port.", kind="clarification", by=make_editor()
        )
        log_versions(article)
        evidence = self.evidence(article, 2)
        self.assertEqual(digest_of(evidence["version"]["content"]), version.content_digest)
        self.assertEqual(chain_digest(evidence["previous"], article.uuid, version), evidence["version"]["digest"])
        self.assertEqual(evidence["version"]["correction"]["digest"], version.correction.digest)
        note, entry = Note.parse(evidence["checkpoint"]), evidence["entry"]
        head = Head.parse(note.text)
        proof = [from_base64(hash_) for hash_ in entry["proof"]]
        self.assertTrue(
            proves_inclusion(leaf_hash(entry["leaf"].encode()), entry["index"], head.size, proof, head.root)
        )
        self.assertEqual(json.loads(entry["leaf"])["digest"], version.digest)
        note.require_signature_by([VerifierKey.parse(evidence["key"])])

    def test_state_that_a_witness_has_signed_is_preferred(self):
        first = make_article()
        log_versions(first)
        cosign()
        second = make_article()
        log_versions(second)
        evidence = self.evidence(first)
        note, (witness,) = Note.parse(evidence["checkpoint"]), evidence["witnesses"]
        self.assertEqual(Head.parse(note.text).size, 1)
        note.require_signature_by([VerifierKey.parse(witness["key"])])
        self.assertIn("Hafenblatt on", self.text(first))
        self.assertEqual(self.evidence(second)["witnesses"], [])
        self.assertIn("No witness outside this publication has signed the log", self.text(second))

    def test_gated_text_is_only_for_those_who_may_read_it(self):
        article = make_article(required_level=10)
        log_versions(article)
        self.assertNotContains(self.page(article, "versions/1/evidence.json"), "gated text")
        evidence = self.evidence(article)
        self.assertNotIn("content", evidence["version"])
        self.assertIn("entry", evidence)
        self.client.force_login(make_subscriber())
        response = self.page(article, "versions/1/evidence.json")
        self.assertContains(response, "gated text")
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")

    def test_version_that_was_free_is_closed_with_the_current_one(self):
        article = make_article()
        make_version(article, required_level=10)
        log_versions(article)
        self.assertNotIn("content", self.evidence(article, 1)["version"])

    def test_script_for_outsiders_checks_one_text(self):
        article = make_article(required_level=10)
        log_versions(article)

        def check_article(address):
            return check(keys.key_file().parent, "--article", f"http://testserver{address}")

        status, said = check_article(article.get_absolute_url())
        self.assertEqual(status, 0, said)
        self.assertIn("(entry 0)", said)
        self.assertIn("The rest is not free.", said)
        models.QuerySet(Version).update(note="Another.")
        cache.clear()
        self.assertIn("does not fit into the chain", check_article(article.get_absolute_url())[1])

    def test_removed_text(self):
        article = make_article()
        make_version(article, headline="Again")
        log_versions(article)
        redact(item=article, version=article.versions.get(number=1), reason="A court said so.", by=make_editor())
        evidence = self.evidence(article, 1)
        self.assertEqual(evidence["version"]["removed"], "A court said so.")
        self.assertIn("The text was removed", self.text(article, "versions/1/verify/"))

    def test_dossiers_and_pages(self):
        stated = {"ai_uses": ["draft"], "ai_draft": "A model wrote it."}
        for name, item in [("dossier", make_dossier(make_article(), **stated)), ("page", make_page(**stated))]:
            with self.subTest(name):
                log_versions(item, name)
                evidence = self.evidence(item)
                self.assertEqual(digest_of(evidence["version"]["content"]), evidence["version"]["content_digest"])
                self.assertIn(f"Verify this {name}", self.text(item))
                shown = Page(self.page(item, "").content.decode())
                self.assertEqual(differences(name, json.loads(evidence["version"]["content"]), shown), [])

    def test_what_readers_may_not_see_is_not_there(self):
        article = make_article()
        self.page(article, "versions/2/evidence.json", status=404)
        withdraw(item=article)
        self.page(article, "versions/1/evidence.json", status=410)
        self.page(article, status=410)


class PageTests(VerificationCase):
    def test_before_the_button_are_at_most_120_words(self):
        article = make_article(headline="The harbour")
        log_versions(article)
        words = self.text(article).split(">", 1)[-1].split("Check it now")[0]
        self.assertIn("Version 1 is entry 0 of the log, since", words)
        self.assertIn("No witness outside this publication has signed the log", words)
        self.assertLessEqual(len(words.split()), 120)

    def test_the_facts_and_commands_are_there_without_a_script(self):
        article = make_article()
        log_versions(article)
        version, html = article.versions.get(), self.text(article)
        for fact in (
            version.content_digest,
            version.digest,
            "/record/verify.py",
            "--since saved.checkpoint",
            f"--article {settings.SITE_URL}{article.get_absolute_url()}",
            Log.objects.current().keys.get().verifier_key,
        ):
            self.assertIn(fact, html)

    def test_history_links_it(self):
        article = make_article()
        self.assertContains(self.page(article, "history/"), f'href="{article.get_absolute_url()}verify/"')

    def test_old_versions_have_a_page_and_the_current_one_has_one_address(self):
        article = make_article()
        make_version(article, headline="Again")
        log_versions(article)
        self.assertIn("Version 1 is entry 0", self.text(article, "versions/1/verify/"))
        self.assertIn("Version 2 is entry 1", self.text(article))
        response = self.page(article, "versions/2/verify/", status=302)
        self.assertEqual(response.url, f"{article.get_absolute_url()}verify/")

    def test_without_a_place_in_a_signed_log_it_says_so(self):
        article = make_article()
        self.assertIn("Version 1 cannot be checked yet", self.text(article))
        self.assertNotIn("entry", self.evidence(article))
        keys.key_file().unlink()
        log_versions(article)
        self.assertFalse(Checkpoint.objects.exists())
        self.assertIn("Version 1 cannot be checked yet", self.text(article))
        keys.create_key()
        log_versions(article)
        self.assertIn("Version 1 is entry 0", self.text(article))


class RecordTests(VerificationCase):
    def record(self):
        html = self.client.get("/record/").content.decode().split("<main")[1].split("</main>")[0]
        return " ".join(re.sub("<[^>]+>", " ", html).split())

    def test_before_anything_is_signed(self):
        self.assertIn("No state of the log is signed yet", self.record())
        self.assertNotIn("log", json.loads(self.client.get("/.well-known/record.json").content))

    def test_what_was_signed_by_whom(self):
        log_versions(make_article())
        log_versions(make_page(), "page")
        cosign("Hafenblatt")
        text, log = self.record(), Log.objects.current()
        for words in ("Entries 2", log.keys.get().verifier_key, "Hafenblatt", "It does not prove that a text is true"):
            self.assertIn(words, text)
        self.assertContains(self.client.get("/"), 'href="/record/"')

    def test_digests_say_where_the_log_is(self):
        log_versions(make_article())
        witness = cosign().witness
        described = json.loads(self.client.get("/.well-known/record.json").content)
        key = Log.objects.current().keys.get().verifier_key
        self.assertEqual(
            described["log"],
            {
                "origin": key.partition("+")[0],
                "address": f"{settings.SITE_URL}/record/log",
                "keys": [{"key": key, "from_size": 0}],
                "witnesses": [
                    {
                        "name": "Hafenblatt",
                        "key": witness.verifier_key,
                        "checkpoint": Checkpoint.objects.get().cosigned,
                    }
                ],
                "earlier": [],
                "checkpoint": Checkpoint.objects.get().cosigned,
                "timestamps": [],
            },
        )
        self.assertEqual(described["witness"]["address"], f"{settings.SITE_URL}/record/witness")
        VerifierKey.parse(described["witness"]["key"])

    def test_a_log_that_continues_another(self):
        log_versions(make_article())
        Log.objects.create(number=2, origin="continued.example/record/log-2", archive_added_at=timezone.now())
        log = json.loads(self.client.get("/.well-known/record.json").content)["log"]
        self.assertEqual(log["address"], f"{settings.SITE_URL}/record/log-2")
        self.assertEqual([earlier["address"] for earlier in log["earlier"]], [f"{settings.SITE_URL}/record/log"])
