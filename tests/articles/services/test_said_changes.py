"""A change without a word: whoever publishes, readers are told of other words, figures and less use of AI.

What was published is judged here again from the stored contents alone, with code that shares nothing with the rule.
"""

import json
import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

from django.test import TestCase
from django.utils import timezone

from articles.models import Article, Correction
from articles.services import corrections, image_updates, scheduling
from articles.services.publishing import NotReadyError, UnsaidChangeError, publish, restore, withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_editor, make_image, make_page

KINDS = ("", "minor", "correction", "clarification", "update", "note", "retraction")
NOTES = ("", "  ", "We had the wrong figure.")
USES = ([], ["none"], ["language"], ["draft"], ["draft", "pictures"], ["translation", "sound"])
WORDS = ("The harbour cost 1,200 crowns", "Anna Berg said no", "Die Brücke ist 3,5 Meter hoch", "It rose", "So it is")
FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def words_of(content):
    """The words of a content that readers see, as one text."""
    html = " ".join([content["headline"], content["standfirst"], content["body"]])
    captions = [f"{picture['caption']} {picture['credit']}" for picture in content["pictures"].values()]
    answers = content.get("how_we_know", {}).values()
    return " ".join(re.sub(r"<[^>]+>", " ", " ".join([html, *captions, *answers])).split())


def figures_of(content):
    return Counter(figure.replace(",", "") for figure in FIGURE.findall(words_of(content)))


def silent(before, after):
    """Return what readers are not told of between two versions that appeared one after the other, or ""."""
    old, new, change = json.loads(before.content), json.loads(after.content), after.change
    kind, facts = (change.kind, change.changed_facts) if change else ("", "")
    if words_of(old) != words_of(new) and not kind:
        return "other words, no kind"
    if kind not in {"", "minor"} and not after.note:
        return f"{kind} without a sentence"
    lost = figures_of(old) - figures_of(new)
    if kind == "minor" and lost and not ({"figure", "date"} & set(facts.split(",")) and after.note):
        return f"minor, and without a fact or a sentence for {lost}"
    uses, left = set(old.get("ai_uses", ())) - {"none"}, set(new.get("ai_uses", ()))
    if (uses - left or (old.get("ai_uses") and not left)) and not (after.note and kind not in {"", "minor", "update"}):
        return f"less use of AI: {uses} is {left}"
    return ""


class Site:
    """An article that is changed at random, in all ways in which versions are made."""

    def __init__(self, seed, editor):
        self.random, self.editor = Random(seed), editor
        self.image = make_image(caption=self.sentence())
        self.article = make_article(
            headline="A headline", body=self.body(), lead=self.image, at=timezone.now() - timedelta(days=9)
        )

    def sentence(self):
        return f"{self.random.choice(WORDS)} in {self.random.randint(1, 40)} of {self.random.choice((7, 2024, '1.5'))}."

    def body(self):
        return "".join(f"<p>{self.sentence()}</p>" for _ in range(self.random.randint(1, 4)))

    def edit(self):
        article, random = Article.objects.get(pk=self.article.pk), self.random
        for _ in range(random.randint(0, 2)):
            match random.randrange(7):
                case 0:
                    article.body = self.body()
                case 1:
                    article.body = article.body.replace(random.choice("1234567890"), random.choice("1234567890"), 1)
                case 2:
                    article.body += f"<p>{self.sentence()}</p>"
                case 3:
                    article.headline = self.sentence()
                case 4:
                    article.ai_uses = random.choice(USES)
                case 5:
                    article.required_level = random.choice((0, 10))
                case 6:
                    article.how_known = self.sentence()
        article.save()
        return article

    def step(self):
        """Try one change; return whether it was published."""
        random = self.random
        said = {"kind": random.choice(KINDS), "note": random.choice(NOTES)}
        article = self.edit()
        by = random.choice((None, self.editor))
        try:
            with_image = random.random() < 0.15
            if with_image:
                self.image.caption = self.sentence()
                self.image.save()
                return bool(image_updates.update_image(item=article, image=self.image, by=self.editor, **said))
            match random.randrange(6):
                case 0:
                    publish(item=article, by=by, at=timezone.now() + timedelta(hours=1), **said)
                    scheduled = article.scheduled_version()
                    at = timezone.now() + timedelta(hours=2)
                    scheduling.reschedule(item=article, at=at, seen=scheduled.number, by=by)
                case 1:
                    correction = Correction.objects.filter(version__article=article).last()
                    if correction is None:
                        return False
                    sentence = said["note"]
                    corrections.supersede(correction=correction, kind=said["kind"], sentence=sentence, by=self.editor)
                case 2:
                    withdraw(item=article)
                    restore(item=article)
                    publish(item=article, by=by, **said)
                case 3:
                    publish(item=article, essential_checks_only=True, **said)
                case _:
                    publish(item=article, by=by, **said)
        except (NotReadyError, corrections.CorrectionError, scheduling.ScheduleError):
            return False
        return True

    def violations(self):
        """Judge each pair of versions that readers get one after the other, scheduled ones with the live one."""
        versions = list(self.article.versions.select_related("correction").order_by("number"))
        served = [version for version in versions if version.superseded_at is None]
        return [found for before, after in pairwise(served) if (found := silent(before, after))]


def try_at_random(seeds, steps):
    """Return how many changes were published and refused, and what of it readers are not told."""
    editor, published, refused, found = make_editor(), 0, 0, []
    for seed in seeds:
        site = Site(seed, editor)
        for _ in range(steps):
            done = site.step()
            published, refused = published + done, refused + (not done)
        found += [(seed, violation) for violation in site.violations()]
    return published, refused, found


class SaidChangeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()

    def refused(self, item, reason="", **options):
        with self.assertRaisesMessage(UnsaidChangeError, reason):
            publish(item=item, **options)
        self.assertEqual(item.versions.count(), 1)

    @takes_longer("Many versions are made.")
    def test_no_sequence_of_changes_is_published_without_a_word(self):
        published, refused, found = try_at_random(range(8), 8)
        self.assertEqual(found, [])
        self.assertGreater(published, 8)
        self.assertGreater(refused, 8)

    def test_figure_changed_in_the_shell_is_refused(self):
        article = make_article(body="<p>FIVE of 17 were there.</p>")
        article.body = article.body.replace("17", "19")
        article.save()
        self.refused(article, "Choose what kind of change it is.")
        self.refused(article, "A figure changed.", kind="minor")
        self.refused(article, "Tell readers in a sentence what changed.", kind="correction")
        version = publish(item=article, kind="minor", note="A slip of the keyboard.")
        self.assertEqual(version.change.changed_facts, "figure")

    def test_imported_again_says_so(self):
        article = make_article(body="<p>Old words.</p>")
        article.body = "<p>New words.</p>"
        article.save()
        self.refused(article, essential_checks_only=True, note="Updated")

    def test_less_use_of_ai_needs_a_sentence_and_is_listed(self):
        article = make_article(ai_uses=["draft", "language"])
        article.ai_uses = ["language"]
        article.save()
        for by in (None, self.editor):
            self.refused(article, "Less use of AI is stated than before.", by=by)
            self.refused(article, "Call it a correction", by=by, kind="minor", note="It was not so.")
        version = publish(item=article, note="We had said by mistake that AI wrote a draft.")
        self.assertEqual(version.change.kind, "note")
        self.assertIn(version.change, Correction.objects.listed())
        for address in ("", "history/"):
            self.assertContains(self.client.get(f"{article.get_absolute_url()}{address}"), version.note)

    def test_what_was_stated_cannot_be_left_out(self):
        article = make_article(ai_uses=["none"])
        article.ai_uses = []
        article.save()
        self.refused(article, "State what AI was used for", note="No longer.", kind="correction")

    def test_mark_of_a_picture_cannot_be_taken_away_without_a_sentence(self):
        image = make_image()
        image.ai_use = "made"
        image.save()
        article = make_article(lead=image)
        image.ai_use = ""
        image.save()
        self.refused(article, "Less use of AI is stated than before.")
        article.lead = None
        article.save()
        publish(item=article, kind="update", note="The picture was removed.")

    def test_pages_and_dossiers_state_less_use_of_ai_with_a_sentence_only(self):
        for item in (make_page(ai_uses=["draft"]), make_dossier(make_article(), ai_uses=["draft"])):
            item.ai_uses = ["none"]
            item.save()
            self.refused(item, "Less use of AI is stated than before.")
            self.assertEqual(publish(item=item, note="It was written by hand.").number, 2)

    def test_more_use_of_ai_needs_none(self):
        article = make_article(ai_uses=["none"])
        article.ai_uses = ["draft"]
        article.save()
        self.assertIsNone(publish(item=article, by=self.editor).change)
