"""What programs get to know about newsletters."""

from django.utils import timezone

from tests.contrib.api.base import ApiTestCase
from tests.contrib.api.test_keys import API, with_key
from tests.factories import make_user
from tests.truthlytics.newsletters.factories import make_address, make_newsletter
from truthlytics.contrib.api.models import Scope
from truthlytics.newsletters.models import SignUp


class NewsletterTests(ApiTestCase):
    def test_the_list(self):
        newsletter = make_newsletter()
        (found,) = self.items(f"{API}/newsletters")
        self.assertEqual((found["name"], found["slug"]), (newsletter.name, newsletter.slug))

    def test_those_of_a_reader(self):
        user, newsletter = make_user(), make_newsletter()
        address, headers = make_address(user=user), with_key(Scope.READERS)
        for each, ended_at in ((newsletter, None), (make_newsletter(), timezone.now())):
            SignUp.objects.create(address=address, newsletter=each, source="account", ended_at=ended_at)
        self.assertEqual(self.ask(f"{API}/readers/{user.pk}", **headers)["newsletters"], [newsletter.slug])
        address.suppressed_at, address.suppression = timezone.now(), "bounce"
        address.save()
        self.assertEqual(self.ask(f"{API}/readers/{user.pk}", **headers)["newsletters"], [])
