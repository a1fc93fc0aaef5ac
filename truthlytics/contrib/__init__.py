"""Features of the site: each is an app that can be left out (see docs/architecture.md)."""
