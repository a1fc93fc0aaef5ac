"""Signals of comments, for apps that comments do not import."""

from django.dispatch import Signal

# Sent after votes were counted, in the same transaction, with `article_ids`: the articles with changed counts. The
# counts are stored with `bulk_update`, which sends no `post_save`.
votes_counted = Signal()

# Sent with the `user_ids` of the writers of the comments on a page. Receivers return the ids of the supporters among
# them, who get a badge.
collect_supporters = Signal()
