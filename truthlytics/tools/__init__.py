"""Tools beside the product, which imports none of them: demo, benchmarks and style guide, with their commands."""
