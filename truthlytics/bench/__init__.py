"""The project's own benchmarks: each makes what it needs in a site of its own, and yields rows with their goals.

One module a benchmark; `manage.py bench` runs those that stand in `registry`.
"""
