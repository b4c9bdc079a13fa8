"""Training learns: from rows of purchases to a published release; no HTTP."""
