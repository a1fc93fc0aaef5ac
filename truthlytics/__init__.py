"""The site: its settings, its features, and how the apps work together."""

# As in pyproject.toml.
__version__ = "1.1.0.dev0"
