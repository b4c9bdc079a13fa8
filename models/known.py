"""What a release knows of one customer, from the packed profile that the store has of them."""

from models.artifacts import customer_profile
from models.customer import told
from models.customer.summary import Summary
from models.customer.told import Told
from models.loaded import Loaded


def customer(loaded: Loaded, summary: Summary, customer_id: str, packed: bytes) -> Told:
    """Return what is known of a customer, for a route or a person to read.

    Args:
        loaded: The release that the profile is of.
        summary: Its ``customers``.
        customer_id: Theirs.
        packed: As the store has the profile.

    Raises:
        ArtifactError: The profile cannot be used, or does not fit the release.
    """
    profile, categories = customer_profile.unpack(packed), loaded.catalogue.categories
    customer_profile.check(profile, n_categories=len(categories), n_portfolios=summary.n_portfolios)
    return told.customer(
        customer_id, profile, summary=summary, categories=categories, release=loaded.version
    )
