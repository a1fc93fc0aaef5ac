"""A reader verifies a text in the browser: what fits, and which step shows that something was changed."""

import base64
from datetime import timedelta
from unittest import mock

from django.core.cache import cache
from django.db import models
from django.templatetags.static import static
from django.utils import timezone
from playwright.sync_api import expect

from articles.integrity import chain_digest, digest_of
from articles.media.renditions import create_first_renditions
from articles.models import Version
from articles.services.publishing import withdraw
from articles.services.redaction import redact
from tests.articles.views.log_case import cosign, log_versions
from tests.browser.base import BrowserTestCase
from tests.factories import (
    make_article,
    make_dossier,
    make_editor,
    make_image,
    make_page,
    make_subscriber,
    make_version,
)
from tests.record_key import use_key
from tests.truthlytics.transparency import meaning_cases
from tests.truthlytics.transparency.rule_cases import CASES, FORMER
from tests.truthlytics.transparency.second_verifier_story import dump
from tests.truthlytics.transparency.test_rules import ledger_of
from truthlytics.publication.models import Publication
from truthlytics.transparency.merkle import leaf_hash
from truthlytics.transparency.models import Checkpoint, Cosignature, LogEntry, Quorum, Witness
from truthlytics.transparency.outside.summary import places_of_events
from truthlytics.transparency.services.entries import append_due

BODY = """<h2>One</h2><p>The harbour has 41 berths.<sup data-footnote="Port office, 3 May."></sup> “Enough”, it says.
</p><aside class="pullquote" data-by="N. N.">Said &amp; done.</aside><pre><code>sum(1)
  end</code></pre><table><tbody><tr><th>Year</th><th>Sum</th></tr><tr><td><p>2025</p></td><td>1</td></tr></tbody></table>
<div data-embed="https://www.youtube.com/watch?v=1" data-title="A film"></div>
<ul><li><p>Ships wait</p></li></ul><hr data-gate><p>Gated <em>words</em>.</p>"""


HOLDS = "holds"
DONE = """() => {
  const { outcome } = document.querySelector("[data-result]").dataset;
  return ["holds", "imported", "partly", "failed", "error"].includes(outcome);
}"""
# Applies the rules to each case: the entries of the log before, if there is one, and of the log.
VERDICTS = """async ([url, name, cases, hasFormer]) => {
  const { Ledger } = await import(url);
  const read = (ledger, leaves) => { for (const leaf of leaves) ledger.add(leaf); return ledger; };
  return cases.map(([former, leaves], number) => {
    const before = hasFormer[number] ? read(new Ledger(name, ""), former) : null;
    const ledger = read(new Ledger("new.example/log", "", before), leaves);
    return [ledger.finish().map(({ rule, position }) => [rule, position]), ledger.counts()];
  });
}"""
# Compares the contents of each case.
FAULTS = """async ([url, cases]) => {
  const { compareContents } = await import(url);
  return cases.map((one) => compareContents(...one).faults);
}"""
OUTCOMES = "steps => steps.map((step) => step.dataset.outcome)"


class VerificationTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        use_key(self)

    def check(self, item, path="verify/"):
        """Press the button and wait for the result. Returns its outcome, and the outcomes of the steps."""
        self.page.goto(f"{item.get_absolute_url()}{path}")
        self.page.locator("[data-check]").click()
        return self.result()

    def result(self):
        self.page.wait_for_function(DONE)
        steps = self.page.locator("[data-step]:not([data-step=saved])").evaluate_all(OUTCOMES)
        return self.page.locator("[data-result]").get_attribute("data-outcome"), *steps

    def change(self, version, **columns):
        """Change a version as somebody with the database can, and the caches."""
        models.QuerySet(Version).filter(pk=version.pk).update(**columns)
        cache.clear()

    def test_honest_article_fits(self):
        article = make_article(headline="The “harbour” & more", body=BODY, why_written="We were asked.")
        make_version(article, body=BODY.replace("41", "42"), kind="correction", note="One more é.", by=make_editor())
        log_versions(article)
        self.assertEqual(self.check(article), (HOLDS, HOLDS, HOLDS, HOLDS, HOLDS, HOLDS, "none"))
        self.assertEqual(self.check(article, "versions/1/verify/"), (HOLDS, HOLDS, HOLDS, HOLDS, "none", HOLDS, "none"))
        self.assertEqual(self.axe(), [])

    def test_pages_and_dossiers_fit(self):
        stated = {"ai_uses": ["draft"], "ai_draft": "A model wrote it."}
        page = make_page(body=BODY, **stated)
        dossier = make_dossier(make_article(), summary="<p>It <em>began</em>.</p>", **stated)
        for name, item in [("page", page), ("dossier", dossier)]:
            with self.subTest(name):
                log_versions(item, name)
                self.assertEqual(self.check(item), (HOLDS, HOLDS, HOLDS, HOLDS, "none", HOLDS, "none"))

    def test_what_was_changed_is_found_at_its_step(self):
        article = make_article(body="<p>The harbour has 41 berths.</p>")
        version = article.versions.get()
        log_versions(article)
        html = version.free_html.replace("41", "14")
        self.change(version, free_html=html)
        self.assertEqual(self.check(article), ("failed", "failed", "", "", "", "", ""))
        text = self.page.locator("[data-step=text]")
        expect(text).to_contain_text("The page is not what is in the record.")
        expect(text.locator("dd").first).to_contain_text("has 14 berths")
        expect(text.locator("dd").last).to_contain_text("has 41 berths")
        self.assertEqual(self.axe(), [])

        version.content = version.content.replace("41 berths", "14 berths")  # not in the UUID
        self.change(version, content=version.content)
        self.assertEqual(self.check(article), ("failed", "failed", "", "", "", "", ""))
        expect(text).to_contain_text("it was changed later")

        version.content_digest = digest_of(version.content)
        self.change(version, content_digest=version.content_digest)
        self.assertEqual(self.check(article), ("failed", HOLDS, "failed", "", "", "", ""))

        self.change(version, digest=chain_digest("", article.uuid, version))
        self.assertEqual(self.check(article), ("failed", HOLDS, HOLDS, "failed", "", "", ""))
        expect(self.page.locator("[data-step=log]")).to_contain_text("another digest than the version")

        entry = LogEntry.objects.get()
        leaf = entry.leaf.replace(entry.data["digest"], chain_digest("", article.uuid, version))
        models.QuerySet(LogEntry).update(leaf=leaf)
        cache.clear()
        self.assertEqual(self.check(article), ("failed", HOLDS, HOLDS, "failed", "", "", ""))
        expect(self.page.locator("[data-step=log]")).to_contain_text("not part of the log as it was signed")

        # The whole log was written again, but the key is out of reach.
        root = base64.b64encode(leaf_hash(leaf.encode())).decode()
        checkpoint = Checkpoint.objects.get()
        note = checkpoint.note.replace(checkpoint.note.split("\n")[2], root)
        models.QuerySet(Checkpoint).update(note=note)
        cache.clear()
        self.assertEqual(self.check(article), ("failed", HOLDS, HOLDS, HOLDS, "none", "failed", ""))

    def test_witnesses(self):
        article = make_article()
        log_versions(article)
        cosign("Hafenblatt")
        other = cosign("Deichbote")
        self.assertEqual(self.check(article), (HOLDS, HOLDS, HOLDS, HOLDS, "none", HOLDS, HOLDS))
        expect(self.page.locator("[data-step=witnesses]")).to_contain_text("Hafenblatt, Deichbote")
        Quorum.objects.create(needed=3)
        Witness.objects.create(name="Leuchtfeuer", address="https://l.example", verifier_key="l.example+0+0")
        cache.clear()
        self.assertEqual(self.check(article), ("partly", HOLDS, HOLDS, HOLDS, "none", HOLDS, "unknown"))
        step = self.page.locator("[data-step=witnesses] [data-when]:not([hidden])")
        expect(step).to_contain_text("Too few so far. The publication says that 3 witnesses have to sign each state")
        expect(step).to_contain_text("It was not signed by: Leuchtfeuer.")
        self.assertEqual(self.axe(), [])
        name, data = other.line.split(" ")[1:]
        line = f"— {name} {data[:-4]}AAA="
        models.QuerySet(Cosignature).filter(pk=other.pk).update(line=line)
        cache.clear()
        self.assertEqual(self.check(article), ("failed", HOLDS, HOLDS, HOLDS, "none", HOLDS, "failed"))
        expect(self.page.locator("[data-step=witnesses]")).to_contain_text(
            "does not belong to this state of the log: Dei"
        )

    def test_readers_without_access_check_what_they_can(self):
        article = make_article(required_level=10)
        log_versions(article)
        self.assertEqual(self.check(article), ("partly", "unknown", HOLDS, HOLDS, "none", HOLDS, "none"))
        said = self.page.locator("[data-step=text] [data-when]:not([hidden])")
        expect(said).to_contain_text("The free part matches.")
        version = article.versions.get()
        self.change(version, free_html=version.free_html.replace("</p>", " Not.</p>", 1))
        self.assertEqual(self.check(article), ("failed", "failed", "", "", "", "", ""))
        self.change(version, free_html=version.free_html)
        self.log_in(make_subscriber())
        self.assertEqual(self.check(article), (HOLDS, HOLDS, HOLDS, HOLDS, "none", HOLDS, "none"))

    def test_pages_that_hide_words_say_which(self):
        article = make_article(body="<p>The harbour has 41 berths.</p>")
        log_versions(article)
        html = article.versions.get().free_html
        forgeries = {
            '<p class="visually-hidden">': html.replace("<p>", '<p class="visually-hidden">'),
            "<del>": html.replace("41", "<del>41</del>"),
            '<p data-outside-record="">': html.replace("<p>", '<p data-outside-record="">'),
        }
        for said, forged in forgeries.items():
            with self.subTest(said):
                self.change(article.versions.get(), free_html=forged)
                self.assertEqual(self.check(article)[1], "failed")
                sentence = self.page.locator("[data-step=text] [data-when]:not([hidden])")
                expect(sentence).to_contain_text("The page has something that no honest page has.")
                expect(sentence).to_contain_text(said)
                self.assertEqual(self.axe(), [])

    def test_links_notes_and_captions_of_gated_text_are_compared_for_readers_who_see_them(self):
        image = make_image(alt="A ship", caption="The ship", credit="N. N.")
        create_first_renditions(image)
        link = '<a href="https://a.example/report">report</a>'
        gated = f'<p>A {link}.<sup data-footnote="Port office."></sup></p><figure data-image="{image.uuid}"></figure>'
        article = make_article(body=f"<p>Free.</p><hr data-gate>{gated}", required_level=10)
        log_versions(article)
        version = article.versions.get()
        self.log_in(make_subscriber())
        self.assertEqual(self.check(article)[1], HOLDS)
        for words in ("a.example", "Port office", "The ship"):
            with self.subTest(words):
                changed = version.paid_html.replace(words, "b.example")
                self.assertNotEqual(changed, version.paid_html)
                self.change(version, paid_html=changed)
                self.assertEqual(self.check(article)[1], "failed")

    def slip(self, article, *, content_format, **changes):
        """Publish a version that does not say what it changed, as an owner with another program can."""
        with (
            mock.patch("articles.services.publishing.unsaid", return_value=""),
            mock.patch("articles.services.item_types.base.sealed", lambda content, files: content | content_format),
        ):
            return make_version(article, kind="", **changes)

    def test_a_change_without_a_word_is_found_in_each_later_version(self):
        article = make_article(body="<p>The harbour has 41 berths.</p>")
        self.slip(article, content_format={"format": 2}, body="<p>The harbour has 14 berths.</p>")
        log_versions(article)
        found = ("failed", HOLDS, HOLDS, HOLDS, "failed", "", "")
        self.assertEqual(self.check(article), found)
        make_version(article, body="<p>The port has 14 berths.</p>", kind="update", note="It grew.", by=make_editor())
        log_versions(article)
        self.assertEqual(self.check(article), found)
        step = self.page.locator("[data-step=meaning] [data-when]:not([hidden])")
        expect(step).to_contain_text(
            "Version 2 does not say what it changed: it has other words, and no kind of change."
        )
        self.assertIn("has 41 berths", step.locator("dd").first.inner_text())
        self.assertIn("has 14 berths", step.locator("dd").last.inner_text())
        self.assertEqual(self.axe(), [])
        self.assertEqual(self.check(article, "versions/1/verify/")[0], HOLDS)

    def test_of_old_and_imported_versions_it_is_only_said(self):
        ago = timezone.now() - timedelta(days=9)
        for result, at, content_format in [("holds", None, {}), ("imported", ago, {"format": 2})]:
            with self.subTest(result):
                article = make_article(at=at)
                self.slip(article, content_format=content_format, body="<p>Other words.</p>", at=at)
                log_versions(article)
                self.assertEqual(self.check(article)[0], result)
                step = self.page.locator("[data-step=meaning] [data-when]:not([hidden])")
                expect(step).to_contain_text("the following do not say enough: 2")

    def test_what_was_removed_withdrawn_or_imported_is_counted(self):
        article, other = make_article(at=timezone.now() - timedelta(days=9)), make_article()
        make_version(article, body="<p>42 berths.</p>")
        log_versions(article)
        self.assertEqual(self.check(article)[0], HOLDS)
        [said] = self.counts()
        self.assertRegex(said, "^Versions dated by the publication alone, .*: 1$")
        redact(item=article, version=article.versions.get(number=1), reason="A court said so.", by=make_editor())
        withdraw(item=other, note="Under review.")
        append_due(timezone.now())
        cache.clear()
        self.assertEqual(self.check(article)[0], HOLDS)
        step = self.page.locator("[data-step=meaning]")
        expect(step).to_contain_text("The text of a version was removed, so it was compared with no other one.")
        self.assertEqual(self.counts()[:2], ["Texts that the publication removed: 1", "Withdrawals: 1"])

    def counts(self):
        return self.page.locator("[data-counts] li:visible").all_inner_texts()

    def test_old_browsers_say_what_they_cannot_check(self):
        article = make_article()
        log_versions(article)
        self.page.add_init_script(
            "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
        )
        self.assertEqual(self.check(article), ("partly", HOLDS, HOLDS, HOLDS, "none", "unknown", "none"))

    def test_by_keyboard_with_a_screen_reader_on_a_phone_in_german(self):
        Publication.objects.create(name="Hafenblatt", language="de")
        article = make_article()
        log_versions(article)
        self.page = self.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
        self.page.goto(f"{article.get_absolute_url()}history/")
        self.page.get_by_role("link", name="Diesen Artikel prüfen").focus()
        self.page.keyboard.press("Enter")
        button = self.page.get_by_role("button", name="Jetzt prüfen")
        button.focus()
        self.page.keyboard.press("Enter")
        self.assertEqual(self.result()[0], HOLDS)
        expect(button).to_be_focused()
        # What a screen reader announces.
        expect(self.page.get_by_role("status")).to_contain_text("Alles passt.")
        self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), 360)
        self.assertEqual(self.axe(), [])


class RuleTests(BrowserTestCase):
    def test_the_browser_agrees_on_every_case(self):
        self.page.goto("/record/")
        logs = [(case.former or [], case.entries) for case in CASES]
        cases = [[[dump(entry).decode() for entry in log] for log in pair] for pair in logs]
        has_former = [case.former is not None for case in CASES]
        found = self.page.evaluate(VERDICTS, [static("js/record-rules.js"), FORMER, cases, has_former])
        for case, (faults, counts) in zip(CASES, found, strict=True):
            with self.subTest(case.name):
                self.assertEqual([tuple(fault) for fault in faults], case.faults)
                places = places_of_events(ledger_of(case))
                self.assertEqual(counts, {kind: len(places[kind]) for kind in places})

    def test_the_browser_agrees_on_what_a_version_has_to_say(self):
        self.page.goto("/record/")
        cases = [[case.item, case.before, case.after, case.said] for case in meaning_cases.CASES]
        found = self.page.evaluate(FAULTS, [static("js/record-meaning.js"), cases])
        for case, faults in zip(meaning_cases.CASES, found, strict=True):
            with self.subTest(case.name):
                self.assertEqual(tuple(faults), case.faults)


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_the_facts_and_the_commands_are_there(self):
        use_key(self)
        article = make_article()
        log_versions(article)
        self.page.goto(f"{article.get_absolute_url()}verify/")
        expect(self.page.locator("[data-check]")).to_be_hidden()
        expect(self.page.locator("main")).to_contain_text("needs JavaScript")
        expect(self.page.locator(".log-facts")).to_contain_text(article.versions.get().digest)
        expect(self.page.locator(".commands").first).to_contain_text("python3 verify.py")
