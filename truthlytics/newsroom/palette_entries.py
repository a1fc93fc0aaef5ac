"""What the command palette finds besides rows: actions, pages, and other words for them, in English and German.

The words are those that people type, not a translation: “Umsatz” finds Revenue in an English newsroom.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to do, for those with `permission` (everyone, if it is ""), and the page on which to do it.

    If it is `risky`, only its name or a whole one of `words`, separated by commas, finds it: “logo” should not make
    *Log out* ready for the Enter key.
    """

    name: str | Promise
    url_name: str
    permission: str = ""
    words: str = ""
    risky: bool = False


# Words that say nothing about what is wanted: “who subscribed yesterday” finds Subscriptions.
ENGLISH = (
    "a an the my our your i we do how can to of for in on is are was who where what which from with yesterday today"
)
GERMAN = (
    "wie wo wer was kann ich wir den der die das dem ein eine einen mein meine von mit zu für in im ist gestern heute"
)
FILLERS = {*ENGLISH.split(), *GERMAN.split()}
# Other words for all pages that add something.
ADDING = "add create make hinzufügen anlegen erstellen"


ACTIONS = (
    Entry(
        _("New article"),
        "admin:articles_article_add",
        "articles.add_article",
        "write draft post neuer artikel beitrag schreiben entwurf",
    ),
    Entry(_("Upload an image"), "admin:articles_image_add", "articles.add_image", "picture photo bild foto hochladen"),
    Entry(
        _("Upload a document"),
        "admin:articles_document_add",
        "articles.add_document",
        "pdf file dokument datei hochladen",
    ),
    Entry(
        _("Upload a recording"),
        "admin:articles_recording_add",
        "articles.add_recording",
        "audio sound podcast aufnahme hochladen",
    ),
    Entry(_("New dossier"), "admin:articles_dossier_add", "articles.add_dossier", "collection neues dossier"),
    Entry(_("New series"), "admin:articles_series_add", "articles.add_series", "neue serie reihe"),
    Entry(_("New section"), "admin:articles_section_add", "articles.add_section", "category neues ressort rubrik"),
    Entry(_("New topic"), "admin:articles_topic_add", "articles.add_topic", "tag keyword neues thema schlagwort"),
    Entry(_("New author"), "admin:articles_author_add", "articles.add_author", "byline profile neuer autor autorin"),
    Entry(
        _("Withdraw an article: choose it"),
        "admin:articles_article_changelist",
        "articles.publish_article",
        "unpublish take down offline remove delete hide retract zurückziehen entfernen löschen depublizieren",
    ),
    Entry(_("New page"), "admin:articles_page_add", "articles.add_page", "about imprint neue seite impressum"),
    Entry(
        _("New redirect"),
        "admin:articles_redirect_add",
        "articles.add_redirect",
        "address url forward neue weiterleitung umleitung",
    ),
    Entry(
        _("Order the sections"),
        "admin:articles_section_changelist",
        "articles.change_section",
        "sort ressorts sortieren reihenfolge",
    ),
    Entry(
        _("Moderate comments"),
        "admin:comments_queue",
        "comments.moderate_comment",
        "approve remove reject queue kommentare moderieren freigeben entfernen",
    ),
    Entry(
        _("Suspend a reader: choose one of the comments"),
        "admin:comments_comment_changelist",
        "comments.moderate_comment",
        "suspension ban block user leser sperren",
    ),
    Entry(
        _("Lift a suspension"),
        "admin:comments_suspension_changelist",
        "comments.moderate_comment",
        "unban unblock sperre aufheben",
    ),
    Entry(
        _("Close or open comments of an article"),
        "admin:comments_thread_changelist",
        "comments.change_thread",
        "thread kommentare schließen öffnen",
    ),
    Entry(
        _("Refund a payment: choose it"),
        "admin:subscriptions_payment_changelist",
        "subscriptions.refund_payment",
        "money back return erstatten erstattung rückzahlung",
    ),
    Entry(
        _("Record a bank transfer: choose the order"),
        "admin:subscriptions_order_changelist",
        "subscriptions.change_order",
        "mark as paid invoice überweisung bezahlt",
    ),
    Entry(
        _("Cancel a subscription: choose it"),
        "admin:subscriptions_subscription_changelist",
        "subscriptions.change_subscription",
        "end stop kündigen kündigung abo",
    ),
    Entry(
        _("Give free access"),
        "admin:subscriptions_grant_add",
        "subscriptions.add_grant",
        "grant complimentary freier zugang freischalten",
    ),
    Entry(
        _("Extend access: choose the user"),
        "admin:subscriptions_user_changelist",
        "subscriptions.add_grant",
        "prolong verlängern zugang",
    ),
    Entry(
        _("New coupon"),
        "admin:subscriptions_coupon_add",
        "subscriptions.add_coupon",
        "discount code voucher gutschein rabatt",
    ),
    Entry(
        _("New plan"),
        "admin:subscriptions_plan_add",
        "subscriptions.add_plan",
        "price subscription offer preis abo angebot tarif",
    ),
    Entry(
        _("Change a price: choose the plan"),
        "admin:subscriptions_plan_changelist",
        "subscriptions.change_plan",
        "prices cost raise increase preis preise ändern erhöhen",
    ),
    Entry(
        _("Download revenue as CSV"),
        "admin:revenue",
        "subscriptions.view_revenue",
        "export excel table umsatz herunterladen exportieren tabelle",
    ),
    Entry(
        _("Back up the site: the operator does it on the server"),
        "admin:index",
        "truthlytics.change_publication",
        "backup backups restore archive download sicherung sichern wiederherstellen",
    ),
    Entry(
        _("Give somebody a role: choose the user"),
        "admin:subscriptions_user_changelist",
        "subscriptions.give_role",
        "roles permissions rights staff team rolle rechte berechtigung",
    ),
    Entry(
        _("Add a user"),
        "admin:subscriptions_user_add",
        "subscriptions.add_user",
        "invite new account editor einladen nutzer konto anlegen",
    ),
)
# Pages outside of the newsroom's navigation.
OWN_PAGES = (
    Entry(_("Log out"), "account_logout", words="logout, sign out, abmelden, ausloggen", risky=True),
    Entry(_("Change your password"), "account_change_password", words="passwort kennwort ändern"),
    Entry(
        _("Two-factor authentication and passkeys"),
        "mfa_index",
        words="2fa mfa totp security login sicherheit anmeldung",
    ),
    Entry(
        _("Sessions: where you are logged in"), "usersessions_list", words="devices log out everywhere geräte sitzungen"
    ),
    Entry(_("Change your email address"), "account_email", words="mail e-mail adresse ändern"),
    Entry(_("Your account"), "subscriptions:account", words="profile display name konto profil"),
    Entry(_("Emails you get"), "subscriptions:emails", words="notifications unsubscribe benachrichtigungen e-mails"),
)
SITE_PAGES = (
    Entry(_("Front page of the site"), "articles:front", words="view site website home startseite ansehen"),
    Entry(_("Search for readers"), "articles:search", words="suche"),
    Entry(_("Corrections"), "articles:corrections", words="log korrekturen berichtigungen"),
    Entry(_("Subscription offers"), "subscriptions:plans", words="subscribe prices plans abo angebote preise"),
    Entry(_("Give a subscription as a gift"), "subscriptions:give", words="present geschenk verschenken schenken"),
    Entry(_("Contact form"), "contact", words="tips message kontakt formular hinweis"),
)
# Other words for the pages of the navigation, by URL name.
NAVIGATION_WORDS = {
    "admin:index": "home overview inbox tasks stats statistics reads traffic übersicht aufgaben statistik zugriffe",
    "admin:statistics": "stats reads people traffic visitors analytics statistik zugriffe leser besucher",
    "admin:articles_article_changelist": "posts stories texts drafts artikel beiträge texte entwürfe",
    "admin:responsibility": "report ai act label reviews ki bericht prüfung kennzeichnung",
    "admin:calendar": "schedule plan planning kalender planung termine",
    "admin:front": "homepage startseite titelseite",
    "admin:articles_image_changelist": "pictures photos library media bilder fotos mediathek",
    "admin:comments_comment_changelist": "moderation kommentare moderieren",
    "admin:subscriptions_order_changelist": "invoices transfers bestellungen rechnungen überweisungen",
    "admin:subscriptions_user_changelist": "people members readers accounts staff team nutzer mitglieder leser konten",
    "admin:articles_errorreport_changelist": "errors mistakes corrections fehler meldungen",
    "admin:articles_document_changelist": "files pdf dokumente dateien",
    "admin:articles_source_changelist": "references links quellen",
    "admin:articles_recording_changelist": "audio podcasts aufnahmen",
    "admin:articles_dossier_changelist": "collections dossiers",
    "admin:articles_series_changelist": "serien reihen",
    "admin:articles_section_changelist": "categories ressorts rubriken",
    "admin:articles_topic_changelist": "tags keywords themen schlagwörter",
    "admin:articles_author_changelist": "bylines writers autoren autorinnen",
    "admin:articles_page_changelist": "about imprint terms privacy policies seiten impressum datenschutz agb",
    "admin:menus": "navigation header footer masthead menüs fußzeile kopfzeile",
    "admin:articles_redirect_changelist": "addresses urls forward weiterleitungen umleitungen",
    "admin:subscriptions_namechange_changelist": "names namen anzeigenamen",
    "admin:comments_appeal_changelist": "complaints einsprüche widersprüche",
    "admin:comments_suspension_changelist": "suspend banned blocked sperren gesperrt",
    "admin:comments_decision_changelist": "moderation log entscheidungen",
    "admin:comments_thread_changelist": "close open threads kommentare schließen einstellungen",
    "admin:subscriptions_plan_changelist": "subscription offers tiers abos angebote tarife preise",
    "admin:subscriptions_coupon_changelist": "discounts codes vouchers gutscheine rabatte",
    "admin:subscriptions_subscription_changelist": "subscribers subscribed cancelled abos abonnenten neue gekündigt",
    "admin:subscriptions_grant_changelist": "free access complimentary freischaltungen zugänge",
    "admin:subscriptions_payment_changelist": "refunds money zahlungen erstattungen",
    "admin:accounts": "bookkeeping statement month vat tax close buchhaltung monatsabschluss umsatzsteuer abschluss",
    "admin:subscriptions_receipt_changelist": "invoices credit notes rechnungen belege gutschriften quittungen",
    "admin:subscriptions_refund_changelist": "money back erstattungen rückzahlungen",
    "admin:revenue": "income sales money stats statistics figures umsatz einnahmen statistik zahlen",
    "admin:truthlytics_message_changelist": "contact tips inbox nachrichten hinweise kontakt",
    "admin:truthlytics_publication_changelist": "preferences configuration options einstellungen",
    "admin:truthlytics_auditentry_changelist": "history protocol who changed what protokoll verlauf",
}
# Other words for settings, by field.
SETTINGS_WORDS = {
    "name": "title titel",
    "tagline": "slogan motto untertitel",
    "description": "seo beschreibung",
    "logo": "brand signet wortmarke",
    "favicon": "icon symbol",
    "social_image": "share card og vorschaubild teilen",
    "accent": "colors colours appearance theme look fonts typefaces css farben aussehen schriften gestaltung",
    "language": "locale german english sprache deutsch englisch",
    "time_zone": "timezone clock zeitzone uhrzeit",
    "publisher": "company owner verlag herausgeber",
    "legal_address": "imprint impressum anschrift adresse",
    "country": "land",
    "tax_id": "steuernummer",
    "vat_id": "ustid umsatzsteuer mehrwertsteuer",
    "tax_rate": "vat mwst umsatzsteuer mehrwertsteuer steuersatz",
    "small_business": "kleinunternehmer exempt",
    "small_business_note": "kleinunternehmer exempt",
    "bank_holder": "account kontoinhaber",
    "bank_iban": "bank account transfer konto überweisung",
    "bank_bic": "swift",
    "default_currency": "euro money währung",
    "sender_name": "from mail absender",
    "sender_address": "from mail test email absender testmail",
    "contact_email": "kontakt e-mail adresse",
    "tips_email": "hinweise whistleblower",
    "social_profiles": "mastodon facebook instagram bluesky profile",
    "default_access": "paywall gate subscribers bezahlschranke zugang",
    "comments_open": "allow comments kommentare erlauben",
    "comments_close_after_days": "kommentare schließen tage",
    "who_may_comment": "wer darf kommentieren",
    "hold_first_comments": "moderation spam erste kommentare zurückhalten",
    "hold_links": "moderation spam links zurückhalten",
    "held_words": "blocklist banned words spam wörter sperrliste",
    "four_eyes": "four eyes second person review vier augen prüfung",
    "check_links": "dead broken links quellen prüfen",
    "authors_see_statistics": "reads writers reporters statistik autoren autorinnen zugriffe",
}
