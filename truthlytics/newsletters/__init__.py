"""Newsletters: articles, digests and letters in the inbox of readers with or without an account."""
