"""Two server processes on one machine: a change is seen by both with the very next request."""

from tests.factories import make_article, make_comment, make_subscriber, make_version
from tests.truthlytics.serving import ServedTestCase

CHANGES, READS = 100, 5


class TwoWorkersTests(ServedTestCase):
    servers = [{}, {}]

    def test_no_read_of_two_thousand_is_stale(self):
        """Neither a stranger's, which is kept whole, nor a subscriber's, which is made of kept pieces."""
        article = make_article(headline="Headline 0.")
        readers = ["", self.cookie_of(make_subscriber())]
        stale = reads = 0
        for number in range(1, CHANGES + 1):
            words = f"Headline {number}."
            if number % 5:
                make_version(article, headline=words)
            else:
                words = make_comment(article=article, text=f"Comment {number}.").text
            for _ in range(READS):
                for port in self.ports:
                    for cookie in readers:
                        reads += 1
                        page = self.read(port, article.get_absolute_url(), cookie)
                        stale += words not in page or bool(cookie) != (">Account</a>" in page.partition("<main")[0])
        self.assertEqual((reads, stale), (CHANGES * READS * 4, 0))
