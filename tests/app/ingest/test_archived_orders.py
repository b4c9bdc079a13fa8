"""An order of which a page and a backend tell is learned from once, whatever its subject allows."""

from pathlib import Path

import pytest

from app.ingest.ingest import Ingest
from models.artifacts.event import Consent
from tests.app.ingest.happening import ORDER, Store, event
from training.data.archive import Archiver
from training.data.archive_read import read

pytestmark = [pytest.mark.anyio, pytest.mark.store]
UNCOUNTED, UNLEARNED = Consent(analytics=False), Consent(personalization=False)


@pytest.mark.parametrize(
    ("consents", "customer_id"),
    [
        ((Consent(), Consent()), "ana"),
        ((UNCOUNTED, Consent()), "ana"),
        ((UNCOUNTED, UNCOUNTED), None),
        ((UNLEARNED, Consent()), None),
    ],
)
async def test_an_order_of_a_page_and_a_backend_is_learned_from_once(
    ingest: Ingest,
    held: Store,
    tmp_path: Path,
    consents: tuple[Consent, Consent],
    customer_id: str | None,
) -> None:
    page, backend = consents
    url = str(tmp_path / "archive")
    await ingest.accept([event(**ORDER, anonymous_id="v", consent=page)])
    await ingest.accept([event(**ORDER, customer_id="ana", source="backend", consent=backend)])

    Archiver(held.client, held.keys, url, every_s=0).turn()

    lines = read(url).purchases
    assert lines.select("customer_id", "item_id", "quantity").rows() == [(customer_id, "milk", 1.0)]
