"""Addresses in other scripts, which an export writes percent-encoded, lead to their texts, with readable new ones."""

import random
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from django.test import TestCase

from articles.models import Article
from tests.budget import takes_longer
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress.files import export, item

# Slugs as WordPress makes them of headlines, and what each becomes. Arabic and Hebrew write no short vowels.
READABLE = {
    "подъезд-съёмка": "podezd-semka",
    "новости-дня": "novosti-dnya",
    "ελλάδα-σήμερα": "ellada-simera",
    "مقال-جديد": "mql-jdyd",
    "שלום-עולם": "slvm-vlm",
    "北京大学": "bei-jing-da-xue",
    "東京タワー": "dong-jing-tawa",
    "한국어-기사": "hangugeo-gisa",
    "हिन्दी-समाचार": "hindi-smacar",
    "ข่าว": "khaw",
    "საქართველო": "sakartvelo",
    "café-n°5": "cafe-n5",
    "🎉": "text-13",  # of the headline
}
# Ranges of letters of many scripts, and of what no script has.
SCRIPTS = (
    "az", "аяѣѵ", "αω", "את", "اي", "ऄह", "অহ", "กฮ", "ກຮ", "აჰ", "աֆ", "ぁゖ", "ァヺ", "一龥", "가힣", "አፐ", "កហ",
    "Ꭰᏼ", "𓀀𓐮", "\ue000\uf8ff", "😀🙏", "₠₿", "⁰₎", "̀ͯ", "\u2010\u2029",
)  # fmt: skip


def percent(text, chance):
    """Return `text` percent-encoded, in lower case as WordPress stores it, or in upper case as browsers send it."""
    encoded = quote(text, safe="")
    return encoded.lower() if chance.random() < 0.5 else encoded


class OtherScriptTests(TestCase):
    def import_slugs(self, slugs):
        """Import a text for each slug, which is percent-encoded; return its address here by its old address."""
        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "export.xml"
        links = {number: f"/2014/05/{slug}/" for number, slug in enumerate(slugs, start=1)}
        items = [
            item(number, title=f"Text {number}", wp_post_name=slug, link=f"https://old.example{links[number]}")
            for number, slug in enumerate(slugs, start=1)
        ]
        path.write_bytes(export(*items))
        self.assertIn(import_site("wordpress", path)[0], (0, 2))
        slugs_here = dict(Article.objects.values_list("headline", "slug"))
        return {link: slugs_here[f"Text {number}"] for number, link in links.items()}

    maxDiff = None

    def check(self, slugs):
        here = self.import_slugs(slugs)
        for old, slug in here.items():
            with self.subTest(old):
                self.assertRegex(slug, r"^[a-z0-9]+(?:[-_]+[a-z0-9]+)*$")
                for variant in (old, old.rstrip("/"), re.sub("%[0-9a-f]{2}", lambda match: match[0].upper(), old)):
                    response = self.client.get(variant)
                    self.assertEqual((response.status_code, response.get("Location")), (301, f"/articles/{slug}/"))
        self.assertEqual(len(set(here.values())), len(slugs))
        return here

    @takes_longer("A whole site is imported.")
    def test_known_scripts_are_readable(self):
        chance = random.Random(1)
        here = self.check([percent(slug, chance) for slug in READABLE])
        self.assertEqual(dict(zip(READABLE, here.values(), strict=True)), READABLE)

    @takes_longer("A whole site is imported.")
    def test_any_script_leads_to_its_text_and_is_never_empty(self):
        chance = random.Random(2)
        slugs = {"%d9%85%d8", "%ff%fe", "a%D9", "%e0%a4%a", "100%25", "2024", "a%20b", "a%2fb", "٣"}
        while len(slugs) < 80:
            script = chance.choice(SCRIPTS)
            letters = [chr(chance.randint(ord(script[0]), ord(script[-1]))) for _ in range(chance.randint(1, 30))]
            slugs.add(percent("".join(letters), chance))
        self.check(sorted(slugs))

    @takes_longer("A whole site is imported.")
    def test_long_and_equal_slugs_stay_unique(self):
        long = quote("новости" * 40)
        self.check([long, long + quote("я"), quote("北京"), "bei-jing", quote("مقال"), "mqal", "mql"])
