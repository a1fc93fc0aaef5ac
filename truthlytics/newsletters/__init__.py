"""Newsletters: articles, digests and other texts in the inbox of readers with or without an account."""
