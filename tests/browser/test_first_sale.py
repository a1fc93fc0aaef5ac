"""From the setup of a German publication to its first sale by the book, all in the browser."""

import re

from django.test import override_settings
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from subscriptions.models import Order, Receipt
from tests.browser.base import BrowserTestCase
from tests.factories import image_file
from tests.subscriptions.journeys import code_for
from truthlytics.setup.access import make_token

IBAN = "DE89 3704 0044 0532 0130 00"
READER = "nadia@example.org"


def de(text):
    """Return a text of the newsroom in German."""
    with override("de"):
        return gettext(text)


PLACEHOLDERS = r"""document.querySelector(".editor-content").editor.getText().match(/\[[^\[\]]+\]/g)"""


@override_settings(
    PAYMENT_PROVIDERS=["subscriptions.providers.manual.Manual"], BANK_TRANSFER={"holder": "", "iban": "", "bic": ""}
)
class FirstSaleTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(SITE_URL=self.live_server_url))

    def test_in_german_from_the_setup_to_an_article_with_a_page_in_the_footer_and_the_first_sale(self):
        self.sets_up()
        self.write_article()
        self.publish_page_with_placeholders()
        self.puts_page_into_the_footer()
        self.settings_about_money()
        self.publishes_legal_pages()
        self.begins_to_sell()
        self.reader_orders()
        self.publisher_marks_the_order_as_paid()
        self.reader_has_an_invoice()

    def sets_up(self):
        page = self.page
        page.goto(f"/admin/setup/?token={make_token()}")
        page.get_by_label("Name of the publication").fill("The Harbour Review")
        page.get_by_label("Language of the site").select_option("Deutsch")
        page.get_by_label("First section").fill("Große Straße")
        page.get_by_label("Your name").fill("Käthe Quay")
        page.get_by_label("Your email address").fill("kaethe@harbour.example")
        page.get_by_label("Password").fill("quay-and-crane-7")
        page.get_by_label("Sell a monthly subscription").check()
        page.get_by_label("Price per month").fill("8")
        page.get_by_label("Send me a test email").uncheck()
        page.get_by_role("button", name="Set up").click()
        page.get_by_role("link", name=de("New article")).first.click()

    def write_article(self):
        page = self.page
        page.locator("html[data-ready]").wait_for()
        page.get_by_label(de("Headline"), exact=True).fill("Die neue Brücke")
        page.locator(".editor-content").click()
        self.pause()
        page.keyboard.type("Sie ist fertig.")
        page.get_by_label(de("Section"), exact=True).select_option("Große Straße")
        page.locator("summary", has_text=de("Lead image")).click()
        page.locator("#side").get_by_role("button", name=re.compile(de("Choose from the library"))).click()
        picker = page.locator("#picker")
        data = image_file(width=600, height=400).getvalue()
        picker.locator("input[type=file]").set_input_files(
            {"name": "bruecke.png", "mimeType": "image/png", "buffer": data}
        )
        picker.get_by_label(de("Alt text")).fill("Die Brücke")
        picker.get_by_label(de("Credit")).fill("Foto: K. Quay")
        picker.get_by_role("button", name=de("Save and insert")).click()
        expect(page.locator("#side [data-image-choice] img").first).to_be_visible()
        page.get_by_role("button", name=de("Publish…")).click()
        page.get_by_label(de("No AI"), exact=True).check()
        page.get_by_role("button", name=de("Publish now")).click()
        expect(page.get_by_text("Fassung 1 ist online.")).to_be_visible()

    def publish_page_with_placeholders(self):
        """The template's instructions must be replaced first."""
        page = self.page
        page.goto("/admin/articles/page/")
        page.get_by_role("link", name="Über uns").click()
        page.locator("html[data-ready]").wait_for()
        page.get_by_role("button", name=de("Publish…")).click()
        # The editor says it too.
        expect(page).to_have_url(re.compile("/publish/"))
        expect(page.get_by_text("ist eine Anweisung an Sie").first).to_be_visible()
        expect(page.get_by_role("button", name=de("Publish now"))).to_have_count(0)
        page.goto("/admin/articles/page/")
        page.get_by_role("link", name="Über uns").click()
        page.locator("html[data-ready]").wait_for()
        page.locator(".editor-content").click()
        self.pause()
        page.keyboard.press("Control+a")
        self.pause()
        page.keyboard.type("Wir schreiben über den Hafen.")
        self.publishes_page()

    def publishes_page(self):
        self.page.get_by_role("button", name=de("Publish…")).click()
        self.page.get_by_label(de("No AI"), exact=True).check()
        self.page.get_by_role("button", name=de("Publish now")).click()
        expect(self.page.get_by_text("ist veröffentlicht.")).to_be_visible()

    def puts_page_into_the_footer(self):
        page = self.page
        page.goto("/admin/menus/")
        about = page.get_by_role("region", name="Spalte 3 im Fußmenü")
        about.get_by_label(de("Link to")).last.select_option(label="Über uns")
        page.get_by_role("button", name=de("Save menus")).click()
        expect(page.get_by_text(de("Menus saved."))).to_be_visible()
        page.goto("/")
        page.get_by_role("link", name="Die neue Brücke").first.click()
        expect(page.locator("article").get_by_role("link", name="Käthe Quay").first).to_be_visible()
        expect(page.locator("article img").first).to_be_visible()
        page.get_by_role("contentinfo").get_by_role("link", name="Über uns").click()
        expect(page.get_by_text("Wir schreiben über den Hafen.")).to_be_visible()

    def settings_about_money(self):
        page = self.page
        page.goto("/admin/truthlytics/publication/")
        address = "Hafenstraße 1\n20457 Hamburg"
        self.saves({f"{de('Publisher')}:": "Hafenverlag GmbH", f"{de('legal address').capitalize()}:": address})
        self.opens_settings(de("Tax"))
        page.get_by_label("Land:", exact=True).select_option("DE")
        self.saves({"USt-IdNr.": "DE 123456788", "Umsatzsteuersatz für Abonnements:": "7"})
        self.opens_settings(de("Payments"))
        expect(page.get_by_text("Leser können nicht per Überweisung zahlen.")).to_be_visible()
        self.saves({"IBAN:": IBAN.replace(" ", "")})
        expect(page.get_by_text(f"Hafenverlag GmbH, {IBAN}, auf dieser Seite eingestellt")).to_be_visible()

    def opens_settings(self, name):
        self.page.locator(".settings-pages").get_by_role("link", name=name, exact=True).click()

    def saves(self, fields):
        for label, text in fields.items():
            self.page.get_by_label(label, exact=True).fill(text)
        self.page.get_by_role("button", name=de("Save"), exact=True).click()
        expect(self.page.get_by_text(de("Your settings are saved and live."))).to_be_visible()

    def publishes_legal_pages(self):
        """The dashboard leads to their drafts. What stands in square brackets is typed over."""
        page = self.page
        page.goto("/admin/")
        links = page.get_by_role("region", name=de("Pages you need to sell")).get_by_role("link")
        expect(links).to_have_text(["Impressum", "Datenschutz", "Geschäftsbedingungen", "Widerrufsbelehrung"])
        for address in links.evaluate_all("(links) => links.map((link) => link.href)"):
            page.goto(address)
            page.locator("html[data-ready]").wait_for()
            # The drafts were made before the settings: the terms have to say what Settings → Contracts do.
            fill = page.get_by_role("link", name=de("Fill in from Settings"), exact=True)
            if fill.count():
                fill.click()
                page.get_by_role("button", name=de("Fill in"), exact=True).click()
                page.goto(address)
                page.locator("html[data-ready]").wait_for()
            for placeholder in page.evaluate(PLACEHOLDERS):
                self.select(placeholder)
                self.pause()
                page.keyboard.insert_text("Hafenverlag GmbH")
            self.assertIsNone(page.evaluate(PLACEHOLDERS))
            self.publishes_page()
        page.goto("/admin/")
        expect(page.get_by_role("heading", name=de("Pages you need to sell"))).to_have_count(0)

    def begins_to_sell(self):
        page = self.page
        page.goto("/admin/")
        page.get_by_role("link", name=re.compile("Es fehlt noch 1 Punkt")).click()
        page.get_by_role("link", name=de("missing")).click()
        page.get_by_role("button", name=de("The test email has arrived")).click()
        page.goto("/admin/selling/")
        expect(page.get_by_role("link", name=de("missing"))).to_have_count(0)
        self.screenshot("first-sale-list")
        page.get_by_role("button", name=de("Start selling")).click()
        expect(page.get_by_text(de("Your prices are on sale now."))).to_be_visible()

    def reader_orders(self):
        self.reader = self.new_page()
        self.reader.goto("/subscribe/")
        self.reader_sees("8,00 € im Monat, inkl. 7 % MwSt.")
        self.reader_presses("Wählen$")
        # Without an account, the order leads to one and back to the cart.
        self.reader_presses("^Weiter zum Konto")
        self.reader.locator("#id_email").fill(READER)
        self.reader.locator("#id_display_name").fill("Nadia Lund")
        self.reader.locator("#id_display_name").press("Enter")
        code = self.reader.locator("#id_code")
        expect(code).to_be_visible()
        code.fill(code_for(READER))
        code.press("Enter")
        self.reader_sees("Ihr Warenkorb", "Netto 7,48 €", "7 % MwSt. 0,52 €", "Gesamt inkl. MwSt. 8,00 €")
        for name in ("Geschäftsbedingungen", "Widerrufsbelehrung", "Datenschutz"):
            expect(self.reader.locator("main").get_by_role("link", name=name)).to_be_visible()
        self.screenshot("first-sale-cart", self.reader)
        self.reader.get_by_label(re.compile("^Bitte beginnen Sie sofort")).check()
        self.reader_presses("^Zahlungspflichtig bestellen$")
        self.reader_sees("Hafenverlag GmbH", IBAN, "8,00 € inkl. 7 % MwSt.")
        self.screenshot("first-sale-transfer", self.reader)

    def reader_sees(self, *texts):
        for text in texts:
            expect(self.reader.locator("main")).to_contain_text(text)

    def reader_presses(self, name):
        self.reader.locator("main").get_by_role("button", name=re.compile(name)).click()

    def publisher_marks_the_order_as_paid(self):
        page, order = self.page, Order.objects.get()
        self.assertIn("Bitte beginnen Sie sofort", order.start_text)
        self.assertEqual([order.terms_version.page.slug, order.withdrawal_version.page.slug], ["terms", "withdrawal"])
        page.goto("/admin/subscriptions/order/")
        page.get_by_role("link", name=order.number).click()
        page.get_by_role("button", name=de("Mark as paid (transfer received)")).click()
        page.get_by_role("button", name=de("Mark as paid"), exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Rechnung")

    def reader_has_an_invoice(self):
        self.reader.goto("/account/payments/")
        self.reader.locator("main").get_by_role("link", name=re.compile("^Rechnung")).click()
        self.reader_sees(
            "Rechnung R-",
            "Hafenverlag GmbH",
            "20457 Hamburg",
            "USt-IdNr. DE123456788",
            "Nadia Lund",
            "Netto 7,48 €",
            "7 % MwSt. 0,52 €",
            "Gesamt 8,00 €",
            "Überweisung",
        )
        self.screenshot("first-sale-invoice", self.reader)
        self.assertEqual(Receipt.objects.get().missing_fields, [])
