"""What a fabricated shop calls what it has; generators need no more of it."""

N_CATEGORIES = 300


def customer_id(row: int) -> str:
    """Return the id of customer ``row``."""
    return f"c-{row:07d}"


def category_name(code: int) -> str:
    """Return the name of category ``code``; names are in the order of their codes."""
    return f"category {code:03d}"


def item_id(row: int) -> str:
    """Return the id of item ``row``."""
    return f"p-{row:07d}"
