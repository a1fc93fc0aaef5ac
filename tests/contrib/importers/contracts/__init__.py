import tests.fakestripe  # noqa: F401 - skips these tests if stripe is not installed
