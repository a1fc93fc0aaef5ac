"""Which column of a list has what: by its heading, by its values, or as the editor says."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truthlytics.contrib.importers.readers.tables import EMAIL

# What a column can have, in the order of the interface. The empty name is that of columns which are not imported.
FIELDS: dict[str, str | Promise] = {
    "": _("– not imported –"),
    "email": _("Email address"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "joined": _("Joined on"),
    "language": _("Language"),
    "labels": _("Labels"),
    "note": _("Note"),
    "newsletter": _("Wants the newsletter (yes or no)"),
    "no_newsletter": _("Doesn’t want the newsletter (yes or no)"),
    "newsletter_status": _("State of the newsletter, such as “subscribed”"),
    "consent": _("Asked for the newsletter on"),
    "left": _("Unsubscribed on"),
    "comp": _("Complimentary access (yes or no)"),
    "gift": _("Gift access (yes or no)"),
    "access": _("Kind of access, such as “paid”, “comp” or “gift”"),
    "until": _("Access until"),
    "paid": _("Pays (yes or no)"),
    "renews_on": _("Next payment on"),
    "renews": _("Renews (yes or no)"),
    "cancels": _("Has cancelled (yes, no or a date)"),
    "plan": _("Plan"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "interval": _("Billing interval, such as “month”"),
    "interval_count": _("Number of these intervals"),
    "status": pgettext_lazy("of a subscription", "State of the subscription"),
    "discount": _("Discount"),
    "quantity": _("Quantity"),
    "tax": _("Tax"),
    "paused": _("Paused (yes or no)"),
    "payment": _("Payment method"),
    "payment_details": _("Details of the payment method"),
    "customer": _("Customer at Stripe"),
    "subscription": _("Subscription at Stripe"),
    "deleted": _("Deleted on"),
}
# Headings by field: lower case, only words and numbers.
ALIASES: dict[str, str] = {
    "email": (
        "email|e mail|mail|email address|e mail address|emailaddress|customer email|billing email|member email"
        "|subscriber email|user email|e mail adresse|mailadresse|emailadresse|correo|correo electrónico"
        "|correo electronico|adresse e mail|adresse email|courriel|indirizzo email|e mailadres"
    ),
    "name": "name|full name|fullname|display name|member name|subscriber name|nombre|nom|nome|naam|vollständiger name",
    "first_name": (
        "first name|firstname|first|fname|given name|billing first name|vorname|prénom|prenom|voornaam"
    ),
    "last_name": (
        "last name|lastname|last|lname|surname|family name|billing last name|nachname|familienname|apellido|apellidos"
    ),
    "joined": (
        "created at|created|created on|joined|joined at|joined on|signup date|sign up date|signed up|signed up at"
        "|date added|member since|registered|registered at|date registered|added|registriert am|beigetreten"
        "|beigetreten am|mitglied seit|erstellt am|angelegt am|date|datum"
    ),
    "language": "language|lang|locale|sprache|idioma|langue",
    "labels": "labels|label|tags|tag|segments|segment|groups|schlagworte|schlagwörter|etiquetas",
    "note": "note|notes|customer note|notiz|notizen|bemerkung|anmerkung|nota|notas",
    "newsletter": (
        "subscribed to emails|subscribed|newsletter|opt in|opted in|marketing consent|accepts marketing"
        "|wants newsletter|email opt in|marketing|einwilligung"
    ),
    "no_newsletter": "email disabled|unsubscribed from emails|do not email|opted out|opt out|unsubscribed",
    "consent": (
        "subscribed at|subscribed on|subscription date|optin time|opt in time|confirm time|confirmed at|optin date"
        "|opt in date|consent date|date subscribed|abonniert am|angemeldet am|bestätigt am|einwilligung am"
    ),
    "left": "unsub time|unsubscribed at|unsubscribed on|unsubscribe date|clean time|abgemeldet am|bounced at",
    "comp": "complimentary plan|complimentary|comped|comp|free access|unrestricted access|kostenlos",
    "gift": "gift|gifted|is gift|geschenk",
    "access": "access|access type",
    "until": (
        "expiry|expires|expires at|expires on|expiry date|expiration|expiration date|end date|paid through|paid until"
        "|paid through date|valid until|access until|current period end|bezahlt bis|gültig bis|läuft ab am|ablaufdatum"
        "|bezahlt bis zum|zugang bis|laufzeit bis"
    ),
    "paid": "active subscription|active|paying|is paid|zahlt|zahlend",
    "renews_on": (
        "next payment date|next payment|renewal date|renews at|renews on|next billing date|nächste zahlung"
        "|nächste abbuchung|nächste rechnung|nächste fälligkeit|fällig am|verlängerung am"
        "|prochain paiement|prochaine échéance|próximo pago|prossimo pagamento|volgende betaling|próximo pagamento"
    ),
    "renews": "auto renew|autorenew|auto renewal|renews|verlängert sich|automatische verlängerung",
    "cancels": (
        "cancel at period end|cancels at|cancel at|cancelled|canceled|cancelled at|canceled at|cancelled on|canceled on"
        "|cancel date|cancellation date|ended at|ended on|gekündigt|gekündigt am|gekündigt zum|kündigung|kündigung am"
        "|kündigung zum|kündigungsdatum|résilié|résilié le|date de résiliation|cancelado|fecha de cancelación|disdetta"
        "|data disdetta|opgezegd|opgezegd op"
    ),
    "plan": (
        "tiers|tier|plan|plans|plan name|import tier|membership|membership level|product|tarif|abo|abonnement|produkt"
        "|mitgliedschaft|produit|formule|suscripción|producto"
    ),
    "amount": (
        "order total|amount|price|plan amount|total|betrag|preis|abopreis|montant|prix|importe|precio|importo|prezzo"
        "|bedrag|prijs|valor"
    ),
    "currency": "order currency|currency|plan currency|währung|devise|moneda|divisa|valuta|moeda",
    "interval": (
        "billing period|interval|plan interval|subscription period|billing interval unit|zeitraum|intervall"
        "|zahlungsintervall"
        "|abrechnungsintervall|abrechnungszeitraum|zahlungsweise intervall|turnus|zahlungsturnus|intervalle|périodicité"
        "|intervalo|intervallo"
    ),
    "interval_count": "billing interval|interval count|anzahl intervalle",
    "status": (
        "subscription status|subscription state|membership status|state|status|abo status|abostatus"
        "|vertragsstatus|zustand|statut|état|estado|stato"
    ),
    "payment": (
        "payment method|zahlungsart|zahlungsweise|zahlungsmethode|bezahlart|moyen de paiement"
        "|mode de paiement|método de pago|metodo di pagamento|betaalmethode|forma de pagamento"
    ),
    "payment_details": "payment method post meta|payment method user meta",
    "customer": (
        "stripe customer id|stripe connected customer id|customer ref|stripe customer|meta stripe customer id"
        "|stripe kunde|stripe kundennummer|stripe kunden id|kunde bei stripe|client stripe|cliente stripe|stripe klant"
    ),
    "subscription": "stripe subscription id|subscription id|stripe subscription|stripe abo|stripe abo id",
    "discount": "discount|coupon|rabatt|gutschein|nachlass|remise|descuento|sconto|korting|desconto",
    "quantity": "quantity|qty|seats|menge|anzahl|stück|quantité|cantidad|quantità|aantal|quantidade",
    "tax": "tax|vat|sales tax|mwst|ust|steuer|tva|iva|btw",
    "paused": "paused|is paused|on hold|pause|pausiert|ruhend|en pause|pausado|in pausa",
    "deleted": "deleted at|deletion requested at|deletion requested|gelöscht am",
}  # fmt: skip
_FIELD_OF = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split("|")}
# What headings mean in the lists of a system only.
_OF_KIND = {
    "substack": {"type": "access", "plan": "interval", "status": "newsletter_status"},
    "newsletter": {"status": "newsletter_status", "state": "newsletter_status", "notes": "note"},
    "woocommerce": {"order items": "plan", "id": "subscription", "start date": "joined"},
    "memberful": {"active": "paid", "created": "joined"},
}
# What `tables` adds to a heading that another column has.
_COPY = re.compile(r" \(\d+\)$")
_WORDS = re.compile(r"[^\W_]+")


def field_of(heading: str, kind: str = "csv") -> str:
    """Return what the column with `heading` has in lists of `kind`; "" if that is not known."""
    words = " ".join(_WORDS.findall(_COPY.sub("", unicodedata.normalize("NFC", heading).casefold())))
    return _OF_KIND.get(kind, {}).get(words, _FIELD_OF.get(words, ""))


def fields_of(
    headings: Sequence[str], samples: Sequence[Sequence[str]], kind: str, chosen: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what each column has. `chosen` has what an editor said, by heading.

    If no heading is that of the email address, it is the column with most addresses.
    """
    fields = [
        chosen[heading] if chosen.get(heading, "?") in FIELDS else field_of(heading, kind) for heading in headings
    ]
    if "interval" not in fields and fields.count("interval_count") == 1 and "interval_count" not in chosen.values():
        # A column “billing interval” has the number of them only beside one with their unit.
        fields[fields.index("interval_count")] = "interval"
    if "email" not in fields:
        counts = [sum(bool(EMAIL.fullmatch(row[column])) for row in samples) for column in range(len(headings))]
        best = counts.index(max(counts))
        if counts[best] and headings[best] not in chosen:
            fields[best] = "email"
    return tuple(fields)
