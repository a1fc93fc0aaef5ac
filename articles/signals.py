"""Signals that other apps receive."""

from django.dispatch import Signal

# What readers get of an article has changed, or will change at `version.public_from`. Also sent when an article is
# withdrawn, restored or unscheduled, and when the text of a version was removed. Sent after commit. Arguments:
# `article` (Article), `version` (Version).
version_published = Signal()

# The publish page of an item asks other apps for forms to show on it, such as one that sends an article by email.
# Arguments: `item`, `user`, and `data` of the POST, or None. A receiver returns a form, which may be unbound, or None.
# Once everything is valid and the item is published, `form.published(version=…, by=…)` is called in the transaction.
# Afterwards `form.success_message()` returns a sentence for the editor, as HTML, or "".
# A form that is not valid yet but has `needs_confirmation` is shown again without errors.
collect_publish_forms = Signal()
# The same for the page that unschedules an item. After it is unscheduled, `form.unscheduled()` is called.
collect_unschedule_forms = Signal()
# Articles have their first version, many at once. Sent after commit, instead of the signal above and of `post_save` of
# the rows. Argument: `versions`, a list of Version with their articles.
first_versions_published = Signal()

# The texts of an article, page or dossier have changed, for what is derived from them and must not be lost. Sent in the
# transaction, in which the item is locked. Arguments: `item`, and `removed`, whether a version has lost its text.
texts_changed = Signal()
# The same for the first versions of many articles. Argument: `versions`, a list of Version.
first_texts_added = Signal()
