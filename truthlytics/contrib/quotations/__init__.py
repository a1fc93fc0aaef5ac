"""Checks quotations: whether a sentence is in a published text, since which version, and what became of it.

It may import the apps, but no other feature.
"""
