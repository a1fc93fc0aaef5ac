"""Readers’ data: download everything, or delete the account.

It may import the apps and `contact`, but no other feature.
"""
