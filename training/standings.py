"""In which groups the serving release has its customers: the next one tells movements by it."""

import numpy as np
import polars as pl

from models.artifacts import customer_profile
from models.artifacts.customer_profile import KINDS
from training.publish import Releases


def standings(releases: Releases) -> pl.DataFrame | None:
    """Return the groups of every customer of the release that serves.

    Profiles are read shard by shard, and only their first bytes are kept: twenty million customers
    take a gigabyte.

    Returns:
        Columns ``customer_id`` and, as codes of ``models.customer``, ``tier stage segment portfolio
        satisfaction``; in no order. None where no release serves, or one without profiles.

    Raises:
        StoreError: The store failed.
        ArtifactError: A profile is none of ours.
    """
    version = releases.current()
    if version is None:
        return None
    shards = [_read(shard) for shard in releases.profiles(version) if shard]
    return pl.concat(shards) if shards else None


def _read(profiles: dict[bytes, bytes]) -> pl.DataFrame:
    codes = customer_profile.groups(profiles.values())
    ids = pl.Series("customer_id", list(profiles), dtype=pl.Binary).cast(pl.String)
    return pl.DataFrame([ids, *(pl.Series(kind, np.array(codes[kind])) for kind in KINDS)])
