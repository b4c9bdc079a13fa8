"""Models answer: everything a release knows, as pure functions of numpy arrays; no I/O."""
