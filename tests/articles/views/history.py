"""A test case for the public history."""

from django.test import TestCase

BODY = "<p>The harbour has 41 berths.</p><p>Ships wait outside.</p>"


class HistoryCase(TestCase):
    def page(self, item, path, status=200):
        response = self.client.get(f"{item.get_absolute_url()}{path}")
        self.assertEqual(response.status_code, status, path)
        return response

    def text(self, item, path):
        """The content of the page, with white space normalised."""
        html = self.page(item, path).content.decode().split("<main")[1].split("</main>")[0]
        return " ".join(html.split())
