"""Signals of comments, for apps that comments do not import."""

from django.dispatch import Signal

# Sent in the transaction in which votes were counted, with the ids of the articles whose threads show other counts:
# `article_ids`. The counts are stored by a queryset update, which sends no `post_save`.
votes_counted = Signal()

# Sent with the `user_ids` of those who wrote the comments on a page. Receivers return the ids of supporters among them,
# whose comments have a badge.
collect_supporters = Signal()
