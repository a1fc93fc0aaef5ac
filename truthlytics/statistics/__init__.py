"""Counts who reads: people, assistants and programs, where people come from and how far they read (docs/statistics.md).

It stores sums and nothing about a person. It may import the apps, but no other feature.
"""
