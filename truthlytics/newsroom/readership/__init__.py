"""The statistics pages: what was read, by period, article and author. They show sums only; see docs/statistics.md."""
