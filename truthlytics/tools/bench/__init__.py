"""Benchmarks of the project: what a request costs, measured from outside a server with sample data of its own."""
