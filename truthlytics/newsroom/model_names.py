"""Names of models and columns that models do not name themselves, because their own name says it, for the newsroom.

Django makes “created at” of `created_at`, in English. Naming each in the model would take a migration per name.
"""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override, pgettext_lazy

# Those that the newsroom shows. `makemessages` reads them from here.
NAMES = """
accepted failures, action, actor, after, alt, answer, answered at, answered by, appeal, appeals, approved at,
approved by, archived at, article, articles, asked at, assignee, at, attempt, audio, audit entries, audit entry,
author, authors, before, benefits, bio, body, by, by name, byline, came from, campaign, cancel at, caption, card,
card expires on, cart, change of monthly revenue, changed rows, checked at, checkout closed at, checkout url,
closed by, closed message, closes at, code, comment, comments, complete, confirmed at, consent text, consented at,
content, correction, corrects, country of the buyer, coupon, coupons, created at, created by, credit, currency,
decision, decisions, declaration, declarations, description, digest day, digest until, display name,
dispute decided at, disputed at, document, documents, done at, dossier, dossier article, dossier entry, dossiers,
drafted at, drafted by, duration, edit request, edit requested at, edition, email arrived from, emailed at,
end reason, ended at, ended by, ends at, error, event, expertise, failing since, file, file name, finished at,
first time only, followed until, follows stopped at, format, frequency, grant, grants, handled by, headline, height,
html, image, images, imported name, interval, interval count, intro, invoice url, issued at, keeps access, key, kind,
lead caption, level, licence, login provider,
login providers, lifted at, lifted by, links, live, max uses, member since, merged into, message, model,
month, name, name key, newsletter, next price, next price at, note, number, offers newsletters, order, orders, page,
pages, paid at, parent, past due since, path, pause reason, paused until, payment, payments, percent, period end,
period start, periods, picked at, picked by, placed at, plan, plans, portrait, position, prefix, prepared at, price,
prices, proposed, provider, provider request, public from, publication, published at, query, quote, quote edited from,
quote is gated, quote number, quote position, quote prefix, quote suffix, quote version, reason, recorded at,
recording, recordings, redirect, redirects, refund, refunds, remark, removed at, removed by, removed reason,
rendition error, renews, requested at, revision number, revoked at, revoked by, role, row id, scheduled since,
seconds, section, sections, selling reason, selling waits since, send at, sender, sender until, series, settled from,
sha256, sign up, size, slug, snapshot, source, source key, stage, standfirst, starts at, state, status, subscription,
subscription change, subscriptions, suffix, summary, superseded at, suppressed at, suppression, suppression detail,
suspension, suspensions, synced at, tax note, terms version, text, tier, tiers, title, topic, topics, total minor,
translation group, trial days, undone at, until, upcoming, upcoming at, updated at, uploaded at, uploaded by, user,
users, uses, uuid, version, wait until, width, withdrawal version, withdrawn at, withdrawn note, words, writer,
writer name, year
"""
# Texts of Django that are not in its German catalogue.
OF_DJANGO = (
    gettext_lazy("- Select an option -"),
    gettext_lazy("Pagination %(name)s"),
    gettext_lazy(
        "Deleting the %(object_name)s “%(escaped_object)s” would result in deleting related objects, but your account "
        "doesn't have permission to delete the following types of objects:"
    ),
    gettext_lazy(
        "Deleting the selected %(objects_name)s would result in deleting related objects, but your account doesn't "
        "have permission to delete the following types of objects:"
    ),
)
OWN_APPS = ("articles", "comments", "subscriptions", "truthlytics")


def listed() -> list[str]:
    return [name.strip() for name in NAMES.split(",")]


def translate_names() -> None:
    """Have the names that Django made translated. Migrations compare what models say, and see no change."""
    for model in apps.get_models():
        if not model.__module__.startswith(OWN_APPS):
            continue
        options = model._meta
        for name in ("verbose_name", "verbose_name_plural"):
            if name not in options.original_attrs:
                with override(None):
                    setattr(options, name, pgettext_lazy("model", str(getattr(options, name))))
        for field in (*options.concrete_fields, *options.many_to_many):
            if not isinstance(field.verbose_name, Promise):
                field.verbose_name = pgettext_lazy("model", field.verbose_name)
