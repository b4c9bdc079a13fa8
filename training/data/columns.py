"""Which column of the shop's file is which of ours, and what to type when we cannot tell.

Nothing is assumed: a column is ours when it has our name or `--columns` says so. A guess is only
ever a suggestion in the message.
"""

import difflib
import shlex
from collections.abc import Collection, Mapping

from training.data.files import Table
from training.errors import UnreadableFile

ALIASES: Mapping[str, str] = {
    "customer_id": "customer user member client household shopper buyer visitor account cust",
    "item_id": "item product sku stockcode article upc ean asin productcode itemcode",
    "timestamp": "time date datetime invoicedate orderdate transactiondate transactiontimestamp "
    "purchasedate purchasetime createdat orderedat day ts",
    "quantity": "qty count units pieces amountbought nitems",
    "price": "unitprice priceperunit itemprice sellingprice salesprice pricepaid",
    "order_id": "order invoice invoiceno basket transaction receipt ordernumber orderno ticket",
    "store_id": "store branch outlet storecode",
    "discount": "rebate discountperunit unitdiscount",
    "currency": "currencycode",
    "coupon": "couponcode promo promocode voucher campaign promotion",
    "title": "name itemname productname description productdescription",
    "category": "productcategory categoryname department",
    "brand": "brandname manufacturer maker",
    "margin": "profit unitmargin",
    "stock": "inventory stocklevel onhand available",
    "url": "link producturl page",
    "image": "imageurl imagelink picture photo",
    "starts": "start begin begins from startdate validfrom",
    "ends": "end until to enddate validto",
    "kind": "type channel promotiontype",
    "reach": "share coverage",
    "value": "rating score stars points answer csat",
    "country": "countrycode",
    "email": "mail emailaddress",
    "phone": "telephone tel mobile phonenumber cell",
    "ads_consent": "consent adconsent adsallowed marketingconsent",
    "created_at": "created since registered signup",
    "segment": "group cluster",
}
"""Our column -> what other systems call it: small letters only, and `id` at the end is implied."""

_MOST_NAMES = 30


def resolve(
    table: Table,
    *,
    required: Collection[str],
    optional: Collection[str],
    asked: Mapping[str, str],
) -> dict[str, str]:
    """Find our columns in a file.

    Args:
        table: The file.
        required: Ours that must be there.
        optional: Ours that may be absent.
        asked: Ours -> the file's, from the user; it goes before a column that has our name.

    Returns:
        Ours -> the file's, for all that is there, in the order of `required`, then `optional`.

    Raises:
        UnreadableFile: A name is unknown, absent or there twice; the message says what to type.
    """
    allowed = [*required, *optional]
    unknown = [name for name in asked if name not in allowed]
    if unknown:
        raise UnreadableFile(
            f"--columns names {_listed(unknown)}, which is no column of ours; "
            f"expected some of {_listed(allowed)}; write ours=yours"
        )
    found = {name: asked.get(name, name) for name in allowed}
    absent = [name for name in asked if asked[name] not in table.header]
    absent += [name for name in required if name not in asked and name not in table.header]
    if absent:
        raise UnreadableFile(_advice(table, absent=absent, required=required, asked=asked))
    found = {name: theirs for name, theirs in found.items() if theirs in table.header}
    twice = [theirs for theirs in found.values() if table.header.count(theirs) > 1]
    if twice:
        raise UnreadableFile(
            f"{table.path} has more than one column {_listed(twice[:1])}; expected one of each "
            "name; rename or drop the other"
        )
    return found


def guess(ours: str, header: Collection[str]) -> str | None:
    """Return the column of the file that is most likely ours, or None."""
    plain = {_plain(theirs): theirs for theirs in reversed(list(header))}
    names = [_plain(name) for name in (ours, *ALIASES.get(ours, "").split())]
    for name in names:
        if name in plain:
            return plain[name]
    for name in names:
        close = difflib.get_close_matches(name, plain, n=1, cutoff=0.8)
        if close:
            return plain[close[0]]
    return None


def _plain(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return letters.removesuffix("id") or letters


def _advice(
    table: Table, *, absent: list[str], required: Collection[str], asked: Mapping[str, str]
) -> str:
    there = {ours: theirs for ours, theirs in asked.items() if theirs in table.header}
    there |= {name: name for name in required if name not in there and name in table.header}
    free = [name for name in table.header if name not in there.values()]
    guesses = {name: guess(name, free) for name in absent}
    wanted = {ours: theirs for ours, theirs in there.items() if ours != theirs} | {
        name: theirs or "YOUR_COLUMN" for name, theirs in guesses.items()
    }
    option = shlex.quote(",".join(f"{ours}={theirs}" for ours, theirs in wanted.items()))
    missing = [f"{name} (as {asked[name]!r})" if name in asked else name for name in absent]
    return (
        f"{table.path} has no column for {', '.join(missing)}; it has {_listed(table.header)}; "
        f"expected {_listed(required)}; try --columns {option}"
    )


def _listed(names: Collection[str]) -> str:
    shown = [repr(name[:60]) for name in list(names)[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
