"""Benchmarks of the project. Each creates its own site with sample data, and yields rows with figures and goals.

`manage.py bench` runs those listed in `registry`.
"""
