"""The page of a release: every section in the order in which a reader asks.

What is it? What are the customers worth, who are they, when do they come back; how far can that be
trusted; how good are the lists; and what was decided, or is not known?
"""

from markupsafe import Markup

from models.artifacts.manifest import Manifest
from models.customer.summary import Summary
from training.report_page.decisions import decisions
from training.report_page.groups import KINDS, groups
from training.report_page.next_buys import next_buys
from training.report_page.parts import Fact, Section
from training.report_page.quality import quality
from training.report_page.templates import source, template
from training.report_page.tiers import tiers
from training.report_page.trust import trust
from training.report_page.value import facts as sums
from training.report_page.value import value
from training.report_page.words import count, day, listed

UNKNOWN_CUSTOMERS = (
    "This release says nothing of its customers: it was made before Cartera knew them. Train again "
    "to learn what they are worth, how they group and when they come back."
)


def page(manifest: Manifest, summary: Summary | None) -> str:
    """Return the page, as one HTML document that needs nothing else.

    Args:
        manifest: Of the release.
        summary: What it says of its customers; None for a release that knows nothing of them.
    """
    sections = [*_of_customers(manifest, summary), quality(manifest), decisions(manifest)]
    return template("page.html").render(
        style=Markup(source("page.css")),
        version=manifest.version,
        made=day(manifest.created_at),
        first=day(manifest.first_purchase),
        last=day(manifest.last_purchase),
        learned_from=_learned_from(manifest),
        is_first=summary is not None and all(one.joined is None for one in summary.groups),
        head=_facts(manifest, summary),
        sections=sections,
    )


def _of_customers(manifest: Manifest, summary: Summary | None) -> list[Section]:
    if summary is None:
        return [
            Section(
                id="value",
                short="Customers",
                title="What the customers are worth",
                sentences=(UNKNOWN_CUSTOMERS,),
            )
        ]
    return [
        value(manifest, summary),
        tiers(summary),
        *(groups(told, summary, manifest) for told in KINDS),
        next_buys(manifest, summary),
        trust(manifest, summary),
    ]


def _learned_from(manifest: Manifest) -> str:
    """Return what a release counted, as far as it says: its customers are told apart."""
    names = ("lines", "orders", "items")
    there = [name for name in names if name in manifest.counts]
    return listed([f"{count(manifest.counts[name])} {name}" for name in there])


def _facts(manifest: Manifest, summary: Summary | None) -> list[Fact]:
    n_prospects = manifest.counts.get("prospects", 0)
    customers = Fact(
        name="customers, prospects included" if n_prospects else "customers",
        value=count(manifest.counts["customers"] + n_prospects),
    )
    return [customers, *([] if summary is None else sums(summary))]
