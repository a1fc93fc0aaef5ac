"""Each model that refers to accounts is in the export and in the deletion of accounts, or is left out for a reason."""

import inspect
import re
import sys

from django.test import SimpleTestCase

from comments.services import deletion as comment_deletion
from subscriptions.models import User
from subscriptions.services import lifecycle
from truthlytics.privacy import commenting, deletion, export, purchases
from truthlytics.web.plugins import personal_data

NOT_EXPORTED = {
    "Author": "public",
    "Cart": "its lines are exported",
    "Coupon": "its orders are exported",
    "LogEntry": "of the newsroom",
    "ProviderCustomer": "only the key of the account at the provider",
    "Remark": "of the newsroom",
    "Reviewer": "of the newsroom",
}
NOT_DELETED = {
    "LogEntry": "of the newsroom",
    "Order": "bookkeeping",
    "Payment": "bookkeeping",
    "Redemption": "bookkeeping",
    "Remark": "of the newsroom",
    "Suspension": "decisions of moderators stay, without a name",
}


def modules_of_extensions():
    return [sys.modules[part.read.__module__] for part in personal_data()]


class ModelTests(SimpleTestCase):
    def missing_in(self, *modules):
        """The models with a visible relation to User that no module names, by their class or as `user.relation`."""
        source = "".join(map(inspect.getsource, modules))
        return {
            relation.related_model.__name__
            for relation in User._meta.related_objects
            if not re.search(rf"\b{relation.related_model.__name__}\b|\buser\.{relation.get_accessor_name()}\b", source)
        }

    def test_export_has_every_model(self):
        missing = self.missing_in(export, commenting, purchases, *modules_of_extensions())
        self.assertEqual(missing, set(NOT_EXPORTED), "Add it to truthlytics.privacy.export.")

    def test_deletion_has_every_model(self):
        modules = (deletion, comment_deletion, lifecycle, *modules_of_extensions())
        self.assertEqual(self.missing_in(*modules), set(NOT_DELETED), "Add it to truthlytics.privacy.deletion.")
