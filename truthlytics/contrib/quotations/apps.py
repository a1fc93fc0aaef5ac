from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotationsConfig(AppConfig):
    name = "truthlytics.contrib.quotations"
    label = "quotations"
    verbose_name = _("quotations")
    urls = ("truthlytics.contrib.quotations.urls",)
    footer_links = ((_("Check a quotation"), "check_quotation"),)
    paths_without_crawlers = ("/check/",)
    api_urls = ("truthlytics.contrib.quotations.api",)
    jobs = (("images", "texts indexed for quotations", "truthlytics.contrib.quotations.services.backfill.add_missing"),)
    # The index is large. A site that was copied has none, and `add_missing` begins anew.
    derived_models = ("quotations.Fingerprint", "quotations.IndexedText", "quotations.IndexProgress")
    style_samples = (
        ("checked-quotation", "css/checked-quotation.css", "truthlytics.contrib.quotations.samples.answers"),
    )

    def ready(self) -> None:
        from truthlytics.contrib.quotations import links, receivers  # noqa: F401
