"""What programs get to know about the use of AI."""

from tests.articles.views.test_images_by_ai import PICTURES, shown_image
from tests.articles.views.test_labels_about_ai import ARTICLES, PAGES_AND_DOSSIERS, reviewed
from tests.budget import takes_longer
from tests.contrib.api.base import ApiTestCase
from tests.factories import make_article

API = "/api/v1"


class UseOfAITests(ApiTestCase):
    @takes_longer("Ten articles are published.")
    def test_articles(self):
        for name, make, labels, _source in ARTICLES:
            article = make()
            with self.subTest(name):
                answer = self.ask(f"{API}/articles/{article.uuid}")
                self.assertEqual(answer["ai_labels"], labels)

    @takes_longer("Ten pages and dossiers are published.")
    def test_pages_and_dossiers(self):
        for name, make, labels, _source in PAGES_AND_DOSSIERS:
            item = make()
            with self.subTest(name):
                answer = self.ask(f"{API}{item.get_absolute_url().rstrip('/')}")
                self.assertEqual((answer["ai_labels"], answer["ai_uses"]), (labels, item.ai_uses))

    def test_images_in_lists(self):
        make_article(lead=shown_image("compositeSynthetic"), ai_uses=["none"])
        (listed,) = self.items(f"{API}/articles")
        self.assertEqual((listed["image"]["ai_use"], listed["ai_labels"]), ("changed", [PICTURES]))

    def test_a_name_that_was_not_given_is_nowhere(self):
        article = reviewed(["draft"], named=False)
        self.assertNotIn("Edith Orr", str(self.ask(f"{API}/articles/{article.uuid}")))
