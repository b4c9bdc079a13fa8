"""A name that reads like a contact is one, or is refused; none goes out uncounted."""

import pytest
from starlette.testclient import TestClient

from models.customer.preferences import channel_of
from models.errors import PolicyError
from models.shaping.placements import NEAR_CONTACTS, contact_meant
from models.shaping.policies import read

MEANT = [
    ("mail", "email"),
    ("mail-weekly", "email"),
    ("emails", "email"),
    ("e-mail", "email"),
    ("e-mail_spring", "email"),
    ("newsletter", "email-newsletter"),
    ("text", "sms"),
    ("notification_evening", "push"),
    ("ads", "ad"),
    ("ads-banner", "ad"),
    ("phone", "call"),
    ("weekly-email", "email"),
    ("web_push", "push"),
]


@pytest.mark.parametrize(("name", "meant"), MEANT)
def test_what_reads_like_a_contact_is_refused_with_the_name_to_use(
    client: TestClient, name: str, meant: str
) -> None:
    answers = [
        client.get("/recommend", params={"customer_id": "ana", "placement": name}),
        client.post("/recommend", json={"customer_id": "ana", "placement": name}),
        client.post("/recommend/batch", json={"requests": [{"placement": name}]}),
    ]

    for answer in answers:
        (fault,) = answer.json().get("errors") or answer.json()["responses"][0]["body"]["errors"]
        assert (fault["pointer"], fault["code"]) == ("/placement", "near-contact")
        assert f"call it {meant}, or {meant}-" in fault["detail"]


@pytest.mark.parametrize("name", ["home", "mailbox", "textiles", "adsense", "e", "mall-mail", "ad"])
def test_other_names_are_the_shops_own(client: TestClient, name: str) -> None:
    assert contact_meant(name) is None
    assert client.get("/recommend", params={"placement": name}).status_code == 200


def test_whatever_is_told_to_be_used_is_a_contact() -> None:
    for meant in NEAR_CONTACTS.values():
        assert channel_of(meant) is not None
        assert contact_meant(meant) is None


def test_a_table_for_such_a_name_is_refused() -> None:
    with pytest.raises(PolicyError, match="reads like a contact"):
        read({"newsletter": {"novelty": 0.4}})
