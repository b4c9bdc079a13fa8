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
    ns:{s017}:v:coupons  hash    customer id -> names of coupons   publish           v

Beside the releases stands what customers do, which belongs to none of them. It may live in a store
of its own (``CARTERA_EVENTS_REDIS_URL``). ``17`` is the number of a week, ``w`` a worker.

    key                      type    holds                           written by        lives
    ns:{s017}:events         stream  events, as they came            ingest            till archived
    ns:{s017}:seen:17        set     digests of event ids            ingest            2 weeks
    ns:{s017}:order:id       hash    who claimed a transaction       ingest            7 days
    ns:{s017}:live:c:id      hash    live state of a customer        ingest, worker    see below
    ns:{s017}:live:v:id      hash    live state of a visitor         ingest, worker    see below
    ns:{s017}:attribution    hash    counts by day, placement …      worker            a minute
    ns:{s017}:adding         hash    the same, being added up        worker            always
    ns:attributed            hash    their sums, of 400 days         worker            always
    ns:{s017}:dead           stream  events nobody could apply       worker            the last 1e5
    ns:{s017}:lease          string  the worker that has the shard   worker            always
    ns:workers               zset    w -> when it was last heard of  worker            seconds
    ns:archive               hash    shard -> last entry archived …  worker            always
    ns:archiving             string  who writes the archive          worker            seconds
    ns:keys                  hash    id -> a key of the interface    keys              always
    ns:{s017}:carts          zset    customer -> last touch of cart  worker            30 days
    ns:{s017}:browsed        zset    customer -> last view           worker            30 days
    ns:{s017}:identifiers    hash    customer -> hashed identifiers  server, command   always
    ns:{s017}:memberships    hash    customer -> audiences, by build audiences         always

Audiences stand beside them. ``a`` is an audience's id, ``b`` the number of one of its builds.

    key                      type    holds                           written by        lives
    ns:{audiences}:ids       zset    a -> when it was asked for      server            till deleted
    ns:{audiences}:changes   string  a count of changes              server, audiences always
    ns:{audiences}:builds    string  the last build's number         audiences         always
    ns:{audiences}:building  string  the worker that builds          audiences         seconds
    ns:{audiences}:written   hash    b -> whose, and how many chunks audiences         b
    ns:{audiences}:a         hash    what was asked, how it stands   server, audiences till deleted
    ns:{audiences}:a:b:n     string  the n-th chunk of its members   audiences         b
    ns:{audiences}:a:exports stream  who took its members, and why   server            always
    ns:{audiences}:secret    string  what signs the cursors          server            always

A live state is forgotten 30 days after its last change, unless its customer has decided something
(consent, preferences) or was joined to another name: then it stays. Its fields are in
``models.artifacts.live_state``. An id is the last part of its key: none can imitate another.

Layout 2 added the profiles. Whoever is known and never bought has one, and nothing else. A release
says in its manifest in which layout its customers are. Coupons did not raise it: only audiences
read them, and where there is no such hash, as in releases of before, nobody redeemed any.

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
GROUP = "workers"
"""The consumer group of the near-line workers, on every stream of events."""
ENTRY = b"e"
"""The field of a stream's entry that holds the packed event."""


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

    @property
    def workers(self) -> str:
        """Near-line workers, and when each was last heard of."""
        return f"{self.namespace}:workers"

    @property
    def archive(self) -> str:
        """The last entry of each shard's events that is in the archive, and what is being written.

        One key, so that both change at once wherever the streams are.
        """
        return f"{self.namespace}:archive"

    @property
    def archiving(self) -> str:
        """The worker that writes the archive."""
        return f"{self.namespace}:archiving"

    @property
    def credentials(self) -> str:
        """The keys of the interface, by their ids."""
        return f"{self.namespace}:keys"

    def events(self, shard: int) -> str:
        """The stream of what one shard's customers and visitors do."""
        return f"{self.namespace}:{{s{shard:03d}}}:events"

    def seen(self, shard: int, week: int) -> str:
        """Digests of the event ids that came in one week, counted from 1970."""
        return f"{self.namespace}:{{s{shard:03d}}}:seen:{week}"

    def order(self, transaction_id: str) -> str:
        """Who claimed a transaction id; on the shard of that id."""
        return f"{self.namespace}:{{s{shard_of(transaction_id):03d}}}:order:{transaction_id}"

    def live_of_customer(self, customer_id: str) -> str:
        """The live state of a customer."""
        return f"{self.namespace}:{{s{shard_of(customer_id):03d}}}:live:c:{customer_id}"

    def live_of_visitor(self, anonymous_id: str) -> str:
        """The live state of a visitor."""
        return f"{self.namespace}:{{s{shard_of(anonymous_id):03d}}}:live:v:{anonymous_id}"

    def attribution(self, shard: int) -> str:
        """What one shard's customers did with what they were shown, counted."""
        return f"{self.namespace}:{{s{shard:03d}}}:attribution"

    def adding(self, shard: int) -> str:
        """Counts of one shard that are being added to the sums."""
        return f"{self.namespace}:{{s{shard:03d}}}:adding"

    @property
    def attributed(self) -> str:
        """The sums of what all shards have counted, and what of each was added last."""
        return f"{self.namespace}:attributed"

    def dead(self, shard: int) -> str:
        """Events of one shard that could not be applied."""
        return f"{self.namespace}:{{s{shard:03d}}}:dead"

    def lease(self, shard: int) -> str:
        """The worker that has one shard."""
        return f"{self.namespace}:{{s{shard:03d}}}:lease"

    def carts(self, shard: int) -> str:
        """One shard's customers by when they last did something with their cart, in ms."""
        return f"{self.namespace}:{{s{shard:03d}}}:carts"

    def browsed(self, shard: int) -> str:
        """One shard's customers by when they last looked at an item, in ms."""
        return f"{self.namespace}:{{s{shard:03d}}}:browsed"

    def identifiers(self, shard: int) -> str:
        """Hashes of what other networks know one shard's customers by."""
        return f"{self.namespace}:{{s{shard:03d}}}:identifiers"

    def memberships(self, shard: int) -> str:
        """Builds of audiences that one shard's customers are members of."""
        return f"{self.namespace}:{{s{shard:03d}}}:memberships"

    @property
    def audience_ids(self) -> str:
        """Every audience, by when it was asked for, in ms."""
        return f"{self.namespace}:{{audiences}}:ids"

    @property
    def audience_changes(self) -> str:
        """A count that every change of an audience raises: who reads it knows whether to look."""
        return f"{self.namespace}:{{audiences}}:changes"

    @property
    def audience_builds(self) -> str:
        """The number of the last build of any audience."""
        return f"{self.namespace}:{{audiences}}:builds"

    @property
    def audience_building(self) -> str:
        """The worker that builds audiences."""
        return f"{self.namespace}:{{audiences}}:building"

    @property
    def audience_written(self) -> str:
        """Every build that has been begun and not been taken back, by its number."""
        return f"{self.namespace}:{{audiences}}:written"

    def audience(self, audience_id: str) -> str:
        """What was asked of an audience, and how it stands: ``models.artifacts.audience``."""
        return f"{self.namespace}:{{audiences}}:{audience_id}"

    def audience_members(self, audience_id: str, build: int, n: int) -> str:
        """The ``n``-th chunk of the members of one build: ``models.artifacts.members``."""
        return f"{self.namespace}:{{audiences}}:{audience_id}:{build}:{n}"

    def audience_exports(self, audience_id: str) -> str:
        """Who took members of an audience, how many, and why."""
        return f"{self.namespace}:{{audiences}}:{audience_id}:exports"

    @property
    def audience_secret(self) -> str:
        """What signs the places in exports that callers are given."""
        return f"{self.namespace}:{{audiences}}:secret"

    def coupons(self, version: str, shard: int) -> str:
        """Names of the coupons that one shard's customers have redeemed."""
        return f"{self.namespace}:{{s{shard:03d}}}:{version}:coupons"

    def customers(self, version: str, shard: int) -> tuple[str, str, str]:
        """Keys of one shard's customers: records, histories, profiles; ``coupons`` has its own."""
        return (
            self.records(version, shard),
            self.histories(version, shard),
            self.profiles(version, shard),
        )
