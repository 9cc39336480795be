"""People, worlds and the harness that the tests share."""
