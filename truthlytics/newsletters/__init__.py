"""Newsletters: articles, digests and other texts in the inbox of readers with or without an account.

They may import the apps and `audit`, but no other feature.
"""
