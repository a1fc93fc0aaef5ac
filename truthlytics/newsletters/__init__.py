"""Newsletters: articles, digests and other texts in the inbox of readers with or without an account.

They may import the apps, `audit`, `exports` and `privacy`, but no other feature.
"""
