"""What a list says of its pieces, and what it does not say twice."""

import re

from django.test import SimpleTestCase, TestCase

from articles.presenters.bylines import linked, plain
from tests.factories import make_article, make_author, make_image, make_section, make_topic, make_version

HEADS = re.compile(r'class="(teaser|entry)__head"><a href="[^"]+">([^<]+)<')


class PlateTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.section = make_section()
        make_article(section=cls.section, headline="Older", lead=make_image())
        make_article(section=cls.section, headline="Newer")

    def heads(self):
        return HEADS.findall(self.client.get(self.section.get_absolute_url()).content.decode())

    def test_the_piece_beside_the_list_is_not_in_it_again(self):
        self.assertEqual(self.heads(), [("teaser", "Older"), ("entry", "Newer")])

    def test_a_lone_piece_stands_in_the_list(self):
        alone = make_section()
        make_article(section=alone, headline="Alone", lead=make_image())
        html = self.client.get(alone.get_absolute_url()).content.decode()
        self.assertEqual(HEADS.findall(html), [("entry", "Alone")])


class LineTests(TestCase):
    def meta(self, place):
        return re.findall(r'class="entry__meta">(.*?)&nbsp;· \d', self.client.get(place).content.decode())

    def test_lists_of_many_sections_say_which(self):
        section, topic = make_section(name="Climate"), make_topic()
        author = make_author(name="Ines")
        make_article(section=section, topics=[topic], authors=[author], kind="report")
        line = "<bdi>Ines</bdi>&nbsp;· Report"
        for place, said in [
            ("/latest/", f"{line}&nbsp;· Climate"),
            (topic.get_absolute_url(), f"{line}&nbsp;· Climate"),
            (section.get_absolute_url(), line),
        ]:
            with self.subTest(place):
                self.assertEqual(self.meta(place), [said])

    def test_an_author_s_list_names_who_wrote_with_them_and_not_themselves(self):
        ines, others = make_author(name="Ines"), [make_author(name="Owen"), make_author(name="Rui")]
        make_article(authors=[ines], section=make_section(name="Climate"), kind="report")
        make_article(authors=[others[0], ines, others[1]], section=make_section(name="Ports"), kind="opinion")
        self.assertEqual(
            self.meta(ines.get_absolute_url()),
            ["with <bdi>Owen</bdi> and <bdi>Rui</bdi>&nbsp;· Opinion&nbsp;· Ports", "Report&nbsp;· Climate"],
        )


class RecordTests(TestCase):
    def test_all_but_the_newest_change_are_folded_away(self):
        article = make_article()
        for number in range(5):
            make_version(article, body=f"<p>Text {number}.</p>", note=f"Reason {number}.")
        before, after = (
            self.client.get(article.get_absolute_url()).content.decode().split("<summary>4 earlier changes<")
        )
        self.assertIn("Reason 4.", before)
        for number in range(4):
            self.assertIn(f"Reason {number}.", after)


class NamesTests(SimpleTestCase):
    PEOPLE = [{"name": "Ines", "slug": "ines"}, {"name": "<נא>", "slug": ""}]

    def test_every_name_keeps_its_direction_to_itself(self):
        self.assertEqual(plain(self.PEOPLE), "<bdi>Ines</bdi> and <bdi>&lt;נא&gt;</bdi>")
        self.assertIn("<bdi>Ines</bdi></a> and <b><bdi>&lt;נא&gt;</bdi></b>", linked(self.PEOPLE))

    def test_nobody_is_nothing(self):
        self.assertEqual(plain([]), "")
