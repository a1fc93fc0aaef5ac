"""A reader verifies an article in the browser after an attack: with a checkpoint that they kept, or without one."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.browser.test_verification import DONE
from tests.record_key import use_key
from tests.truthlytics.transparency.attack_list import ATTACKS, make_site, restore_constraint, save
from tests.truthlytics.transparency.attacks import note


class BrowserAttackTests(BrowserTestCase):
    def check(self, article, saved=None):
        """Return the outcome of the page of an article, and the step that failed."""
        self.page.goto(f"{article.get_absolute_url()}verify/")
        if saved is not None:
            self.page.locator("[data-saved]").set_input_files(saved)
        self.page.locator("[data-check]").click()
        self.page.wait_for_function(DONE)
        failed = self.page.locator("[data-step][data-outcome=failed]")
        step = failed.get_attribute("data-step") if failed.count() else ""
        return self.page.locator("[data-result]").get_attribute("data-outcome"), step

    def play(self, attack):
        folder = use_key(self)
        self.addCleanup(restore_constraint)
        site = make_site()
        kept = folder / "kept.checkpoint"
        kept.write_text(save())
        attack.play(site)
        article = site["corrected" if attack.page == "saved" else attack.page]
        outcome, step = self.check(article, kept if attack.page == "saved" else None)
        note(attack.name, "browser", f"fails at “{step}”" if outcome == "failed" else outcome)
        self.assertEqual(outcome, "failed")

    def test_an_honest_site_passes(self):
        kept = use_key(self) / "kept.checkpoint"
        site = make_site()
        kept.write_text(save())
        self.assertEqual(self.check(site["corrected"], kept), ("holds", ""))
        expect(self.page.locator("[data-step=saved]")).to_contain_text("The log still begins with all entries")
        self.assertEqual(self.check(site["imported"]), ("imported", ""))
        self.assertEqual(self.axe(), [])


def _test_of(attack):
    return lambda self: self.play(attack)


# Chromium opens a page and computes the whole log: about a second of CPU each.
for _attack in ATTACKS:
    if _attack.page:
        setattr(BrowserAttackTests, f"test_{_attack.play.__name__}", _test_of(_attack))
