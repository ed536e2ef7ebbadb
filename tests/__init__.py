"""All tests; a regular package, so that `tests.support` is never somebody else's."""
