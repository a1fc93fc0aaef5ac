"""Words that an import loses, adds or makes visible are named."""

import json
import random
import tempfile
import time
from pathlib import Path

from django.test import SimpleTestCase, TestCase

from articles.models import Article
from tests.budget import takes_longer
from tests.contrib.importers.ghost import files as ghost
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress import files as wordpress
from truthlytics.contrib.importers.words import words_in

HIDDEN = "<p>Open.</p><div style='display:none'><p>Only for <b>some</b>.</p></div><p class='d-none'>Secret.</p>"


class CountTests(SimpleTestCase):
    def test_comments_are_left_out_in_linear_time(self):
        html = "One<!-- two -->three <!--" + "x<!-- y -->" * 100_000
        before = time.process_time()
        self.assertEqual(words_in(html), {"one": 1, "three": 1} | {"x": 99_999})
        self.assertLess(time.process_time() - before, 2)


class ImportCase(TestCase):
    def run_import(self, format, data, **options):
        """Return the reported losses as (code, what)."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        path, report = folder / ("export.xml" if format == "wordpress" else "export.json"), folder / "report.jsonl"
        path.write_bytes(data)
        import_site(format, path, report=report, **options)
        lines = map(json.loads, report.read_text(encoding="utf-8").splitlines())
        return [(line["code"], line["what"]) for line in lines]


class FreedTests(ImportCase):
    SIGNS = ("hidden text (display: none)", "hidden text (class d-none)")

    @takes_longer("Several sites are imported.")
    def test_hidden_words_that_become_visible_are_in_the_report(self):
        for format, data in (
            ("wordpress", wordpress.export(wordpress.item(content=HIDDEN))),
            ("ghost", ghost.export(ghost.post(html=HIDDEN))),
        ):
            with self.subTest(format):
                losses = self.run_import(format, data, harmless=list(self.SIGNS))
                freed = {what for code, what in losses if code == "freed"}
                self.assertEqual(freed, {f"{self.SIGNS[0]}: Only for some.", f"{self.SIGNS[1]}: Secret."})
                self.assertIn("Only for", Article.objects.published().latest("pk").body)

    def test_freeing_one_way_to_hide_frees_no_other(self):
        data = wordpress.export(wordpress.item(content=HIDDEN))
        for sign in self.SIGNS:
            losses = self.run_import("wordpress", data, harmless=[sign])
            self.assertFalse(Article.objects.published().exists(), sign)
            self.assertNotIn("freed", {code for code, _ in losses})

    def test_each_freed_sign_of_a_public_text_is_in_the_report(self):
        content = "Open.\n[qxz]Closed to some.[/qxz]\n<!--cut-->\nMore."
        signs = ["shortcode [qxz]", "comment <!--cut-->"]
        losses = self.run_import("wordpress", wordpress.export(wordpress.item(content=content)), harmless=signs)
        self.assertEqual([what for code, what in losses if code == "freed"], signs)


class AddedTests(ImportCase):
    def added(self, content, **options):
        losses = self.run_import("wordpress", wordpress.export(wordpress.item(content=content)), **options)
        return [what for code, what in losses if code == "added"]

    def test_words_that_were_in_attributes_are_in_the_report(self):
        content = "[tabs][tab title='Overview' id='7']One.[/tab][tab title='Two rivers']Two.[/tab][/tabs]"
        self.assertEqual(self.added(content), ["3: overview, two, rivers"])

    def test_ordinary_texts_add_no_words(self):
        content = (
            "He said [sic] it was [so, on 5 May]. See https://a.example/b.\n\n<ul><li>One<li>Two</ul>"
            "<blockquote>A &amp; b</blockquote>\n\nx<sup>2</sup> <!--more--> <b>B</b>old<!-- no --> caf&eacute;"
            "<img src='/x.png' alt='A bridge'>"
        )
        self.assertEqual(self.added(content), [])

    @takes_longer("A text of each kind is imported.")
    def test_generated_texts_add_their_titles_and_nothing_else(self):
        chance = random.Random(5)
        for kind in ("tab", "su_box", "accordion-item", "vc_tta_section", "et_pb_toggle", "toggle"):
            title = "".join(chance.choices("bcdfgh", k=9))
            content = f"Before.\n\n[{kind} title='{title}' class='x y']Text in it.[/{kind}]\n\nAfter."
            self.assertEqual(self.added(content), [f"1: {title}"], kind)
