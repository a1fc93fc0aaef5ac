"""A list that is exported after the switch is compared with what is here, in both directions."""

import sys
from datetime import timedelta
from importlib import import_module
from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import SimpleTestCase
from django.utils import timezone

from tests.contrib.importers.contracts.base import ContractsCase

TERMS = {"amount": 500, "currency": "EUR", "interval": "month"}


class LaterListTests(ContractsCase):
    def setUp(self):
        super().setUp()
        self.contract = self.old.subscribe()
        self.due = timezone.now() + timedelta(days=20)
        self.shopper = self.old.customer("cid@example.org")["id"]
        self.old.list("cid@example.org", customer_ref=self.shopper, paid_through=self.due, **TERMS)
        self.old.list("dot@example.org", payment="transfer", paid_through=self.due, **TERMS)
        self.pass_time(days=3)
        self.apply("--shop-is-off")
        self.deliver()

    def relist(self, email, **fields):
        """Let the list say something else about a reader."""
        self.old.readers = [reader for reader in self.old.readers if reader.email != email]
        if fields:
            self.old.list(email, **TERMS | fields)

    def test_the_same_list_has_no_differences(self):
        self.assertIn("Compared: 3 contracts", self.verify_list())

    def test_who_joined_after_the_switch_is_named(self):
        late = self.old.subscribe("eve@example.org", listed=False)
        self.old.list("fay@example.org", payment="transfer", paid_through=self.due, **TERMS)
        text = self.verify_list(fails=True)
        self.assertIn(f"{late['id']}: it is live at Stripe", text)
        self.assertIn("fay@example.org", text)
        self.assertIn("on the list, but not here; plan and apply this list", text)
        self.assertIn("Differences: 2", text)

    def test_who_is_not_on_the_list_any_more_is_named(self):
        self.relist("ada@example.org")
        self.relist("dot@example.org")
        text = self.verify_list(fails=True)
        self.assertIn(f"{self.contract['id']}: here, but not on the list any more", text)
        self.assertIn("Differences: 2", text)

    def test_who_cancelled_in_the_old_system_is_named(self):
        self.relist("dot@example.org", payment="transfer", paid_through=self.due, cancelled=True)
        self.assertIn("cancelled in the old system since it was moved", self.verify_list(fails=True))

    def test_who_was_charged_by_the_shop_after_the_switch_is_named(self):
        later = self.due + timedelta(days=31)
        self.relist("cid@example.org", customer_ref=self.shopper, paid_through=later)
        self.assertIn("paid for longer in the old system since it was moved", self.verify_list(fails=True))

    def test_an_attached_contract_that_was_paid_elsewhere_is_named(self):
        later = timezone.now() + timedelta(days=90)
        contract = {"subscription_ref": self.contract["id"], "paid_through": later}
        self.relist("ada@example.org", customer_ref=self.contract["customer"], **contract)
        self.assertIn(f"paid until {later:%Y-%m-%d} on the list, but until", self.verify_list(fails=True))

    def test_who_is_not_here_and_was_charged_after_the_switch_is_named(self):
        customer = self.old.customer("gus@example.org")
        late, card = customer["id"], customer["invoice_settings"]["default_payment_method"]
        self.old.list("gus@example.org", customer_ref=late, paid_through=self.due, **TERMS)
        self.pass_time(days=1)
        self.fake.charge(late, 500, "eur", method=card)
        text = self.verify_list(fails=True)
        self.assertIn("by another system from gus@example.org, who is not here", text)

    def test_a_list_needs_its_source_and_the_map(self):
        self.assertIn("name --from, and --prices", self.run_step("verify", "list.csv", fails=True))


class MissingLibraryTests(SimpleTestCase):
    def test_every_step_says_what_to_install(self):
        """As without the library: nothing that needs it has been imported, and importing it fails."""
        needs = (
            "subscriptions.providers.stripe",
            "truthlytics.contrib.importers.contracts.",
            "truthlytics.management.commands",
        )
        kept = {name: module for name, module in sys.modules.items() if not name.startswith(needs) or "models" in name}
        with mock.patch.dict(sys.modules, kept | {"stripe": None}, clear=True):
            for step in ("plan", "apply", "verify", "links", "undo"):
                with self.subTest(step), self.assertRaisesMessage(CommandError, "install the extra “stripe”"):
                    call_command("import_contracts", step, stdout=StringIO())
            # The worker and the newsroom do without.
            for name in ("truthlytics.contrib.importers.jobs", "truthlytics.contrib.importers.newsroom.pages"):
                sys.modules.pop(name, None)
                import_module(name)
