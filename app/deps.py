"""What handlers are handed: the parts of the server, made once and kept by the application."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import structlog
from fastapi import Depends
from starlette.requests import Request

from app.attributed import Attributed
from app.audiences import Audiences
from app.cache import Cache
from app.credentials import Credentials
from app.customers import Customers
from app.export.audit import Audit
from app.export.blocks import Blocks
from app.export.turns import Turns
from app.ingest.ingest import PATIENCE_S, Ingest
from app.live import Live
from app.memory import Memory
from app.metrics import Metrics
from app.rates import Rates
from app.refusers import Refusers
from app.releases import Releases
from app.scripts import Scripts
from app.seen import Seen
from app.settings import ServerSettings
from models.artifacts.keys import Keys
from models.loaded import Loaded
from models.shaping import service
from models.shaping.policies import Policies, Rows, fitting, unmet

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The parts of one worker."""

    settings: ServerSettings
    metrics: Metrics
    seen: Seen
    customers: Customers
    releases: Releases
    live: Live
    memory: Memory
    refusers: Refusers
    """What was heard of lately, in this worker; the store may not know it yet."""
    merchant_list: Sequence[str]
    """Item ids, best first; empty where the merchant gave none."""
    keys: Keys
    scripts: Scripts
    """What is done in the store that holds the events."""
    ingest: Ingest
    attributed: Attributed
    """What near-line workers have counted there."""
    audiences: Audiences
    blocks: Blocks
    """What exports read."""
    turns: Turns
    """How much of this worker they may take."""
    exports: Audit
    """Who took what."""
    credentials: Credentials
    rates: Rates
    policies: dict[str, Rows]
    """Of every placement that has any, as far as the release that answers can do them."""
    services: service.Services
    """What placements do for customers by how satisfied they are."""

    @classmethod
    def of(cls, settings: ServerSettings) -> "Server":
        """Put the parts together; nothing connects yet."""
        keys, refusers = Keys(settings.namespace), Refusers()
        metrics, policies = Metrics(), dict(settings.policies or {})
        scripts = Scripts(
            settings.events_redis_url or settings.redis_url,
            timeout_s=settings.redis_timeout_ms / 1000,
            patience_s=settings.request_timeout_ms / 1000,
            failed=metrics.store_failed,
        )
        releases = Releases(settings.redis_url, keys)
        blocks = Blocks(
            settings.redis_url,
            keys,
            refusers=refusers,
            events_url=settings.events_redis_url,
            failed=metrics.store_failed,
            corrupt=metrics.corrupt,
        )
        return cls(
            settings=settings,
            metrics=metrics,
            seen=Seen(metrics),
            customers=Customers(
                settings.redis_url,
                keys,
                timeout_s=settings.redis_timeout_ms / 1000,
                patience_s=settings.request_timeout_ms / 1000,
                events_url=settings.events_redis_url,
                failed=metrics.store_failed,
                breaker=metrics.breaker,
            ),
            releases=releases,
            live=Live(
                releases,
                Cache(settings.data_dir, settings.namespace),
                swapped=partial(_swapped, metrics, settings.policies or {}, policies),
                refused=metrics.refused,
            ),
            memory=Memory(settings.memory_records),
            refusers=refusers,
            merchant_list=_lines(settings),
            keys=keys,
            scripts=scripts,
            ingest=Ingest(
                Scripts(
                    settings.events_redis_url or settings.redis_url,
                    timeout_s=max(settings.redis_timeout_ms, settings.request_timeout_ms / 2)
                    / 1000,
                    patience_s=PATIENCE_S,
                    failed=metrics.store_failed,
                ),
                keys,
                folder=settings.data_dir / "spool" / settings.namespace,
                max_bytes=settings.spool_mb * 1_000_000,
                metrics=metrics,
                refused=refusers.hear,
            ),
            attributed=Attributed(
                settings.events_redis_url or settings.redis_url, keys, told=metrics.attributed
            ),
            audiences=Audiences(
                settings.events_redis_url or settings.redis_url,
                keys,
                failed=metrics.store_failed,
                corrupt=metrics.corrupt,
            ),
            blocks=blocks,
            turns=Turns(),
            exports=Audit(blocks.scripts, keys),
            credentials=Credentials(settings.redis_url, keys, data_dir=settings.data_dir),
            rates=Rates(
                key=settings.rate_key,
                subject=settings.rate_subject,
                address=settings.rate_address,
            ),
            policies=policies,
            services=service.BUILT_IN if settings.service is None else settings.service,
        )

    async def start(self) -> None:
        """Connect to the store and load the release."""
        await self.credentials.start()
        await self.customers.start()
        await asyncio.gather(self.scripts.start(), self.audiences.start(), self.blocks.start())
        await self.ingest.start()
        await self.live.start()

    async def stop(self) -> None:
        """Let go of everything."""
        await self.live.stop()
        await self.ingest.stop()
        await self.customers.stop()
        await self.credentials.stop()
        await self.releases.stop()
        await self.attributed.stop()
        await self.audiences.stop()
        await self.blocks.stop()
        await self.scripts.stop()
        self.seen.tell()


def _swapped(
    metrics: Metrics, policies: Policies, applied: dict[str, Rows], loaded: Loaded
) -> None:
    """Say which release answers, and have it do of the policies what it can."""
    metrics.serving(loaded.version)
    catalogue, has_margins = loaded.catalogue, loaded.earning is not None
    applied.update(fitting(policies, catalogue, has_margins=has_margins))
    for words in unmet(policies, catalogue, has_margins=has_margins):
        log.warning("the release lacks what a policy asks for", reason=words)


def _lines(settings: ServerSettings) -> Sequence[str]:
    if settings.merchant_list is None:
        return ()
    lines = settings.merchant_list.read_text(encoding="utf-8").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


async def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


ServerDep = Annotated[Server, Depends(_server)]
