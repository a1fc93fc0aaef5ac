"""What the page answers about quotations: versions, changes, access, time, withdrawals and removed texts."""

import re
from datetime import timedelta
from unittest import mock

import time_machine
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.access import Level
from articles.services.publishing import restore, unschedule, withdraw
from articles.services.redaction import redact
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_page, make_subscriber, make_user, make_version
from truthlytics.contrib.quotations import views
from truthlytics.contrib.quotations.fingerprints import hashes, marked
from truthlytics.contrib.quotations.models import Fingerprint, IndexedText
from truthlytics.contrib.quotations.words import clean, words_of

FREE = "The council has voted for the new bridge by nine votes to four."
CHANGED = "The council has voted for the new bridge by nine votes to five."
GATED = "Nobody outside the council knew that the mayor had signed the contract."
OTHER = "Meanwhile the river rose by two metres and flooded the old market."


class CheckCase(TestCase):
    def check(self, quotation, user=None, status=200):
        self.client.logout()
        if user:
            self.client.force_login(user)
        response = self.client.get(reverse("check_quotation"), {"q": quotation})
        self.assertEqual(response.status_code, status)
        return response

    def answer(self, quotation, user=None):
        return self.check(quotation, user).context["answer"]

    def result(self, quotation, user=None):
        return self.answer(quotation, user).result


class VersionTests(CheckCase):
    def test_since_the_first_version_of_the_current_text(self):
        article = make_article(body=f"<p>{OTHER}</p><p>{FREE}</p>")
        make_version(article, body=f"<p>{OTHER} More.</p><p>{FREE}</p>")
        match = self.answer(FREE).match
        self.assertEqual((match.result, match.first.number, match.last.number), ("current", 1, 2))
        self.assertTrue(match.url.startswith(f"{article.get_absolute_url()}#:~:text=The%20council"))

    def test_changed_in_a_later_version(self):
        article = make_article(body=f"<p>{OTHER}</p><p>{FREE}</p>")
        make_version(article, body=f"<p>{OTHER}</p><p>{CHANGED}</p>")
        response = self.check(FREE)
        match = response.context["answer"].match
        self.assertEqual((match.result, match.last.number, match.changed.number), ("earlier", 1, 2))
        changes = [(part.op, part.text.strip()) for part in match.parts if part.op != "="]
        self.assertEqual(changes, [("-", "four"), ("+", "five")])
        self.assertContains(response, "changed in version 2")

    def test_removed_and_returned(self):
        article = make_article(body=f"<p>{OTHER}</p><p>{FREE}</p>")
        make_version(article, body=f"<p>{OTHER}</p>")
        self.assertIn("no longer in version 2", self.check(FREE).context["sentence"])
        make_version(article, body=f"<p>{OTHER}</p><p>{FREE}</p>")
        match = self.answer(FREE).match
        self.assertEqual((match.result, match.first.number), ("current", 3))

    def test_similar_is_not_the_same(self):
        make_article(body=f"<p>{OTHER}</p><p>{FREE}</p>")
        match = self.answer(CHANGED).match
        self.assertEqual(match.result, "similar")
        self.assertIn(("-", "five"), [(part.op, part.text.strip()) for part in match.parts])

    def test_two_passages_joined_are_not_the_same(self):
        make_article(body=f"<p>{FREE}</p><p>Between them.</p><p>{OTHER}</p>")
        self.assertEqual(self.result(f"{FREE} {OTHER}"), "similar")

    def test_headlines_do_not_run_on(self):
        make_article(headline="The bridge is to be built soon", standfirst="The council wants it so much.")
        self.assertEqual(self.result("the bridge is to be built soon"), "current")
        self.assertNotEqual(self.result("is to be built soon the council wants it"), "current")

    def test_struck_words_are_no_statement_and_notes_are_found(self):
        body = f'<p>{OTHER}<sup data-footnote="{FREE}"></sup></p><p><s>{CHANGED}</s></p>'
        make_article(body=body)
        self.assertEqual((self.result(FREE), self.result(CHANGED)), ("current", "similar"))

    def test_unknown(self):
        response = self.check("None of these words are in any text whatsoever.")
        sentence = "Not in the headlines, texts, captions and footnotes that are public."
        self.assertEqual(response.context["sentence"], sentence)

    def test_date_before_the_record_is_the_word_of_the_publication(self):
        make_article(body=f"<p>{FREE}</p>", at=timezone.now() - timedelta(days=900))
        make_article(body=f"<p>{OTHER}</p>")
        claims = ", says the publication; in its record since "
        self.assertIn(claims, self.check(FREE).context["sentence"])
        self.assertNotIn(claims, self.check(OTHER).context["sentence"])

    def test_pages_and_dossiers(self):
        make_page(body=f"<p>{FREE}</p>")
        make_dossier(make_article(), summary=f"<p>{OTHER}</p>")
        self.assertEqual(self.answer(FREE).match.history.name, "page")
        self.assertEqual(self.answer(OTHER).match.history.name, "dossier")

    def test_several_texts_with_it(self):
        first = make_article(body=f"<p>{FREE}</p>")
        second = make_article(body=f"<p>{FREE}</p>")
        answer = self.answer(FREE)
        slugs = {answer.match.history.slug, *(other.history.slug for other in answer.others)}
        self.assertEqual(slugs, {first.slug, second.slug})

    @takes_longer("Hundreds of versions are published.")
    def test_hundreds_of_versions(self):
        article = make_article(body=f"<p>{OTHER}</p>")
        for number in range(60):
            make_version(article, body=f"<p>{OTHER} Update {number}.</p>" + (f"<p>{FREE}</p>" if number > 9 else ""))
        match = self.answer(FREE).match
        self.assertEqual((match.first.number, match.last.number), (12, 61))
        self.assertLess(Fingerprint.objects.count(), 61 * 6)


class AccessTests(CheckCase):
    def setUp(self):
        self.subscriber = make_subscriber()

    def gated(self, **fields):
        fields.setdefault("body", f"<p>{FREE}</p><hr data-gate><p>{GATED}</p>")
        return make_article(required_level=Level.SUBSCRIBER, **fields)

    def test_gated_text_is_confirmed_to_those_who_may_read_it(self):
        self.gated()
        self.assertEqual([self.result(GATED, user) for user in (None, make_user(), self.subscriber)],
                         ["none", "none", "current"])  # fmt: skip
        self.assertEqual(self.result(FREE), "current")
        self.assertEqual(self.result(f"{FREE} {GATED}", self.subscriber), "current")

    def test_similar_words_do_not_tell_of_gated_text_either(self):
        self.gated()
        self.assertEqual(self.result(GATED.replace("mayor", "chairman")), "none")

    def test_a_quotation_across_the_gate_shows_outsiders_the_free_part_only(self):
        self.gated()
        response = self.check(f"{FREE} Nobody outside the board knew")
        self.assertEqual(response.context["answer"].result, "similar")
        shown = " ".join(part.text for part in response.context["match"].parts if part.op != "-")
        self.assertNotIn("Nobody", shown)

    def test_what_is_gated_now_is_gated_in_older_versions(self):
        article = make_article(body=f"<p>{FREE}</p><p>{GATED}</p>")
        self.assertEqual(self.result(GATED), "current")
        make_version(article, required_level=Level.SUBSCRIBER, body=f"<p>{FREE}</p><hr data-gate><p>{GATED}</p>")
        self.assertEqual(self.result(GATED), "none")
        match = self.answer(GATED, self.subscriber).match
        self.assertEqual((match.first.number, match.last.number), (1, 2))
        self.assertEqual(self.answer(FREE).match.first.number, 1)

    def test_what_was_gated_stays_so_for_outsiders(self):
        article = self.gated()
        make_version(article, required_level=Level.EVERYONE, body=f"<p>{FREE}</p><p>{OTHER}</p>")
        self.assertEqual((self.result(GATED), self.result(OTHER)), ("none", "current"))
        self.assertEqual(self.result(GATED, self.subscriber), "earlier")

    def test_the_gate_moves_with_the_time(self):
        article, now = make_article(body=f"<p>{FREE}</p><p>{GATED}</p>"), timezone.now()
        make_version(article, at=now + timedelta(hours=1), required_level=Level.SUBSCRIBER,
                     body=f"<p>{FREE}</p><hr data-gate><p>{GATED}</p>")  # fmt: skip
        self.assertEqual(self.result(GATED), "current")
        with time_machine.travel(now + timedelta(hours=2)):
            self.assertEqual((self.result(GATED), self.result(FREE)), ("none", "current"))


class SecretTests(CheckCase):
    """What a reader must not know of takes the queries of what does not exist."""

    def queries(self, quotation):
        self.client.get(reverse("check_quotation"), {"q": quotation})
        with CaptureQueriesContext(connection) as captured:
            response = self.client.get(reverse("check_quotation"), {"q": quotation})
        self.assertEqual(response.context["answer"].result, "none")
        # Without the counters of the rate limit.
        statements = [query["sql"] for query in captured if "cache_key" not in query["sql"]]
        return [" ".join(re.findall(r"[A-Z]{2,}|quotations_\w+", statement))[:60] for statement in statements]

    def test_gated_and_scheduled_text_is_as_unknown_text(self):
        make_article(required_level=Level.SUBSCRIBER, body=f"<p>{OTHER}</p><hr data-gate><p>{GATED}</p>")
        make_article(body=f"<p>{FREE}</p>", at=timezone.now() + timedelta(hours=1))
        unknown = self.queries("Nobody here may ever find any of these twelve words in a text.")
        self.assertEqual(self.queries(GATED), unknown)
        self.assertEqual(self.queries(FREE), unknown)

    def test_no_fingerprint_of_gated_text_is_stored_as_everyone_asks_for_it(self):
        make_article(required_level=Level.SUBSCRIBER, body=f"<p>{OTHER}</p><hr data-gate><p>{GATED}</p>")
        asked = hashes([word.key for word in words_of(clean(GATED))])
        self.assertFalse(Fingerprint.objects.filter(hash__in=asked).exists())
        marks = [marked(number, Level.SUBSCRIBER) for number in asked]
        self.assertTrue(Fingerprint.objects.filter(hash__in=marks).exists())


class TimeTests(CheckCase):
    def test_scheduled_texts_are_unknown_until_their_time(self):
        now = timezone.now()
        make_article(body=f"<p>{FREE}</p>", at=now + timedelta(hours=1))
        article = make_article(body=f"<p>{OTHER}</p>")
        make_version(article, at=now + timedelta(hours=1), body=f"<p>{OTHER}</p><p>{GATED}</p>")
        self.assertEqual((self.result(FREE), self.result(GATED), self.result(OTHER)), ("none", "none", "current"))
        with time_machine.travel(now + timedelta(hours=2)):
            self.assertEqual((self.result(FREE), self.result(GATED)), ("current", "current"))
            self.assertEqual(self.answer(OTHER).match.first.number, 1)

    def test_what_never_appeared_stays_unknown(self):
        article = make_article(body=f"<p>{OTHER}</p>")
        make_version(article, at=timezone.now() + timedelta(hours=1), body=f"<p>{OTHER}</p><p>{FREE}</p>")
        unschedule(item=article)
        make_version(article, body=f"<p>{OTHER}</p><p>{GATED}</p>")
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            self.assertEqual((self.result(FREE), self.answer(GATED).match.first.number), ("none", 2))
        self.assertEqual(IndexedText.objects.count(), 1)

    def test_withdrawn_texts_are_not_searched(self):
        for item in (make_article(body=f"<p>{FREE}</p>"), make_page(body=f"<p>{OTHER}</p>")):
            withdraw(item=item)
        self.assertEqual((self.result(FREE), self.result(OTHER)), ("none", "none"))
        restore(item=item)
        self.assertEqual(self.result(OTHER), "current")

    def test_removed_texts_are_not_searched_and_leave_no_fingerprints(self):
        for make, sentence in ((make_article, FREE), (make_page, GATED)):
            item = make(body=f"<p>{sentence}</p>")
            make_version(item, body=f"<p>{OTHER}</p>")
            redact(item=item, version=item.versions.get(number=1), reason="Privacy")
            self.assertEqual((self.result(sentence), self.result(OTHER)), ("none", "current"))
            asked = hashes([word.key for word in words_of(clean(sentence))])
            self.assertFalse(Fingerprint.objects.filter(hash__in=asked).exists())


class PageTests(CheckCase):
    def test_bad_input_loses_nothing(self):
        for quotation, sentence in (
            ("Five words are not enough", "Enter at least 6 words in a row"),
            ("word " * 121, "Use at most 600 characters."),
            ("“…”", "Enter at least 6 words in a row"),
            ("a\0b c d e", "Enter at least 6 words in a row"),
        ):
            with self.subTest(quotation):
                response = self.check(quotation, status=400)
                self.assertContains(response, sentence, status_code=400)
                self.assertContains(response, quotation.replace("\0", "").strip(), status_code=400)

    def test_the_answer_is_private_and_not_indexed_and_has_an_address(self):
        make_article(body=f"<p>{FREE}</p>")
        response = self.check(FREE.replace("council", "coun-\ncil"))
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")
        self.assertContains(response, '<meta name="robots" content="noindex">')
        address = response.context["address"]
        self.assertEqual(self.client.get(address).context["answer"].result, "current")

    def test_strangers_are_limited_and_lose_nothing(self):
        with mock.patch.object(views, "CHECKS", 10):
            for _number in range(10):
                self.check(FREE)
            response = self.check(FREE, status=429)
        self.assertContains(response, FREE, status_code=429)
        self.assertIn("Retry-After", response.headers)

    def test_a_repeated_word_is_one_look_up(self):
        make_article(body=f"<p>{'no ' * 2000}</p>")
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(self.result("no " * 200), "current")
        [lookup] = [query["sql"] for query in captured if "quotations_fingerprint" in query["sql"]]
        self.assertNotIn("UNION", lookup)
