"""Quotations made of all versions of a small site: each gets the right version and change, and none too much.

QUOTATIONS=2000 checks as many instead of a few hundred.
"""

import os
import re
from random import Random
from typing import NamedTuple

from django.test import TestCase
from django.utils import timezone

from articles.access import Level
from articles.services.publishing import withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_page, make_version
from truthlytics.contrib.quotations.checking import check
from truthlytics.web.text import split_words

COUNT = int(os.environ.get("QUOTATIONS", "240"))
SUBJECTS = [
    "council",
    "ministry",
    "harbour",
    "railway",
    "hospital",
    "university",
    "orchestra",
    "brewery",
    "museum",
    "parliament",
]
VERBS = [
    "approved",
    "rejected",
    "postponed",
    "audited",
    "financed",
    "abandoned",
    "extended",
    "inspected",
    "renamed",
    "reopened",
]
PLACES = split_words("northern southern coastal central former largest oldest flooded disputed private")
THINGS = [
    "bridge",
    "tunnel",
    "stadium",
    "contract",
    "airport",
    "archive",
    "pipeline",
    "vineyard",
    "lighthouse",
    "quarry",
]


class Reader(NamedTuple):
    level: int
    may_comment: bool = False
    reason: str = ""


class Sentence(NamedTuple):
    """A sentence of versions `first` to `last` of an article with so many, which needs `level`."""

    text: str
    slug: str
    first: int
    last: int
    count: int
    level: int


class Site:
    """Twelve articles with three versions each. In each version, one sentence has another figure."""

    def __init__(self) -> None:
        self.random, self.sentences, self.withdrawn = Random(7), [], []
        for number in range(12):
            self.add_article(number)
        for _number in range(4):
            page = make_page(body=f"<p>{self.sentence()}</p>")
            self.withdrawn.append(re.sub("<.*?>", "", page.body))
            withdraw(item=page)

    def sentence(self) -> str:
        choose = self.random.choice
        return (
            f"In {self.random.randint(1900, 2030)}, the {choose(PLACES)} {choose(SUBJECTS)} “{choose(VERBS)}” the"
            f" {choose(PLACES)} {choose(THINGS)} for {self.random.randint(100, 99999)} euros, and the"
            f" {choose(SUBJECTS)} {choose(VERBS)} it {self.random.randint(2, 400)} days later."
        )

    def add_article(self, number: int) -> None:
        level = Level.SUBSCRIBER if number % 3 == 0 else Level.EVERYONE
        lines = [self.sentence() for _line in range(8)]
        article, born = None, [1] * len(lines)
        for version in (1, 2, 3):
            if article is None:
                article = make_article(slug=f"story-{number}", body=self.body(lines, level), required_level=level)
                continue
            for place in (version, version + 3):  # one of them is free, the other gated
                self.add(lines, born, place, version - 1, article.slug, level)
                lines[place] = re.sub(r"\d+(?= days)", lambda match: str(int(match[0]) + 1), lines[place])
                born[place] = version
            make_version(article, body=self.body(lines, level))
        for place in range(len(lines)):
            self.add(lines, born, place, 3, article.slug, level)

    def add(self, lines, born, place, last, slug, level):
        needed = level if place >= 4 else Level.EVERYONE
        self.sentences.append(Sentence(lines[place], slug, born[place], last, 3, needed))

    def body(self, lines, level) -> str:
        gate = "<hr data-gate>" if level else ""
        return "".join(f"<p>{line}</p>" for line in lines[:4]) + gate + "".join(f"<p>{line}</p>" for line in lines[4:])


def typeset(text: str, random: Random) -> str:
    """Return `text` as it comes out of another program."""
    variants = [
        lambda text: text.replace("“", '"').replace("”", '"'),
        lambda text: text.replace("“", "»").replace("”", "«"),
        str.upper,
        lambda text: f"„… {text} […]“",
        lambda text: text.replace(" ", "\u00a0 "),
        lambda text: text.replace("fi", "ﬁ"),
        lambda text: text.replace("council", "coun\u00adcil").replace("ministry", "minis-\ntry"),
        lambda text: text.replace(", ", ",\r\n"),
    ]
    for variant in random.sample(variants, 3):
        text = variant(text)
    return text


@takes_longer("Many quotations are checked.")
class GeneratedQuotationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.site = Site()

    def answer(self, text, level=Level.SUPPORTER):
        return check(text, Reader(level), timezone.now())

    def chosen(self):
        random = Random(3)
        for _number in range(COUNT // 4):
            yield random.choice(self.site.sentences), random

    def assert_found(self, sentence, match):
        expected = "current" if sentence.last == sentence.count else "earlier"
        found = (match.result, match.history.slug, match.first.number, match.last.number)
        self.assertEqual(found, (expected, sentence.slug, sentence.first, sentence.last))
        if expected == "earlier":
            changes = [part.text for part in match.parts if part.op != "="]
            self.assertEqual((match.changed.number, len(changes)), (sentence.last + 1, 2), changes)

    def test_exact_and_typographic_variants(self):
        for sentence, random in self.chosen():
            for text in (sentence.text, typeset(sentence.text, random)):
                with self.subTest(text):
                    self.assert_found(sentence, self.answer(text).match)

    def test_one_word_or_figure_changed(self):
        for sentence, random in self.chosen():
            words = sentence.text.split()
            place = random.randrange(len(words))
            words[place] = "77777" if words[place].isdigit() else "somewhat"
            with self.subTest(" ".join(words)):
                match = self.answer(" ".join(words)).match
                self.assertEqual(match.result, "similar")
                self.assertIn(sentence.slug, match.history.slug)
                self.assertIn(words[place], [part.text.strip() for part in match.parts if part.op == "-"])

    def test_two_sentences_joined(self):
        for sentence, random in self.chosen():
            other = random.choice([each for each in self.site.sentences if each.slug != sentence.slug])
            self.assertNotIn(self.answer(f"{sentence.text} {other.text}").result, {"current", "earlier"})

    def test_gated_and_withdrawn_sentences(self):
        gated = [sentence for sentence in self.site.sentences if sentence.level]
        for sentence in gated:
            for text in (sentence.text, sentence.text.replace("the", "a")):
                match = self.answer(text, Level.EVERYONE).match
                # Another sentence, which is free, may be similar.
                shown = " ".join(part.text for part in match.parts if part.op != "-") if match else ""
                euros = re.search(r"\d+(?= euros)", sentence.text)[0]
                self.assertNotIn(euros, shown.split())
                self.assertNotIn(getattr(match, "result", ""), {"current", "earlier"})
        for text in self.site.withdrawn:
            self.assertNotIn(self.answer(text).result, {"current", "earlier"})
