"""The address for assistants in Settings → Connections."""

from django.test import TestCase

from tests.factories import make_member


class ConnectionsTests(TestCase):
    def test_the_address_is_there_to_copy(self):
        self.client.force_login(make_member("Publisher"))
        page = self.client.get("/admin/truthlytics/connectionsettings/")
        self.assertContains(page, 'value="http://localhost:8000/mcp" readonly data-copy')
        self.assertContains(page, "copy-link.js")
