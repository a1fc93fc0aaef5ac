"""Two server processes on one machine: a change is seen by both with the very next request."""

from tests.factories import make_article, make_comment, make_version
from tests.truthlytics.serving import ServedTestCase

CHANGES, READS = 100, 5


class TwoWorkersTests(ServedTestCase):
    servers = [{}, {}]

    def test_no_read_of_a_thousand_is_stale(self):
        article = make_article(headline="Headline 0.")
        stale = reads = 0
        for number in range(1, CHANGES + 1):
            words = f"Headline {number}."
            if number % 4:
                make_version(article, headline=words)
            else:
                words = make_comment(article=article, text=f"Comment {number}.").text
            for _ in range(READS):
                for port in self.ports:
                    reads += 1
                    stale += words not in self.read(port, article.get_absolute_url())
        self.assertEqual((reads, stale), (CHANGES * READS * 2, 0))
