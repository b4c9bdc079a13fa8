"""The release that answers, and what it knows of the customers."""

from app.deps import Server
from app.errors import CustomersNotKnown, NotReady
from app.notes import Notes
from models.customer.summary import Summary
from models.loaded import Loaded


def known(server: Server, notes: Notes) -> tuple[Loaded, Summary]:
    """Return the release and its summary of the customers; the log line names the release.

    Raises:
        NotReady: No release is loaded.
        CustomersNotKnown: One is that was trained before customers were known.
    """
    loaded = server.live.loaded
    if loaded is None:
        raise NotReady
    notes.update(release=loaded.version)
    if loaded.customers is None:
        raise CustomersNotKnown(CustomersNotKnown.example)
    return loaded, loaded.customers
