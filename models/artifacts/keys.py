"""Every key of Cartera in Redis. Changing a line is a breaking change: raise ``LAYOUT``.

``ns`` is the namespace (``CARTERA_NAMESPACE``, default ``cartera``), ``s017`` a customer's shard,
its hash tag in a cluster, ``v`` the version of a release.

    key                  type    holds                             written by        lives
    ns:current           string  the version that serves           publish, promote  always
    ns:releases          hash    v -> manifest.json                publish           v
    ns:served            list    what served before, latest first  publish, promote  always
    ns:publishing        hash    v -> when its writer last wrote   publish           while it lasts
    ns:release:v:n       string  the bundle's n-th chunk           publish           v
    ns:{s017}:v:record   hash    customer id -> customer record    publish           v
    ns:{s017}:v:history  hash    customer id -> what they bought   publish           v
    ns:{s017}:v:profile  hash    customer id -> customer profile   publish           v

Layout 2 added the profiles. Whoever is known and never bought has one, and nothing else. A release
says in its manifest in which layout its customers are.

A release's customers are fields of one hash a shard and kind, not keys of their own: dropping a
release is then one ``UNLINK`` a shard instead of a scan over every customer, no id can imitate a
key, and a record saves the 60 bytes or so that Redis spends on a key.

``ns:current``, ``ns:releases``, ``ns:publishing`` and ``ns:served`` are changed by one script, and
a release is dropped in one transaction. Both work on one server; a cluster will need one hash tag
for those four (``{ns}:current``), which raises ``LAYOUT``, and a drop of a slot at a time.
"""

from dataclasses import dataclass
from zlib import crc32

LAYOUT = 2
N_SHARDS = 256
CHUNK_BYTES = 4 * 1024 * 1024


def shard_of(customer_id: str) -> int:
    """Return the shard of a customer: the same in every process and every release."""
    return crc32(customer_id.encode()) % N_SHARDS


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one namespace."""

    namespace: str = "cartera"

    @property
    def current(self) -> str:
        """The version that serves."""
        return f"{self.namespace}:current"

    @property
    def releases(self) -> str:
        """Every published release's manifest, by version."""
        return f"{self.namespace}:releases"

    @property
    def publishing(self) -> str:
        """Releases whose publishing has not ended, and when their publisher last wrote."""
        return f"{self.namespace}:publishing"

    @property
    def served(self) -> str:
        """What served before the current release, the latest first."""
        return f"{self.namespace}:served"

    def chunk(self, version: str, n: int) -> str:
        """The ``n``-th chunk of a release's bundle."""
        return f"{self.namespace}:release:{version}:{n}"

    def records(self, version: str, shard: int) -> str:
        """The records of one shard's customers."""
        return f"{self.namespace}:{{s{shard:03d}}}:{version}:record"

    def histories(self, version: str, shard: int) -> str:
        """The purchase histories of one shard's customers."""
        return f"{self.namespace}:{{s{shard:03d}}}:{version}:history"

    def profiles(self, version: str, shard: int) -> str:
        """The profiles of one shard's customers."""
        return f"{self.namespace}:{{s{shard:03d}}}:{version}:profile"

    def customers(self, version: str, shard: int) -> tuple[str, str, str]:
        """All keys of one shard's customers: records, histories, profiles."""
        return (
            self.records(version, shard),
            self.histories(version, shard),
            self.profiles(version, shard),
        )
