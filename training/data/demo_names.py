"""Names of the demo's items, such as a shop would print: `Ice, crushed/cubed, 22 lb`.

The data has what a till has: `FRZN SS PREMIUM ENTREES/DNRS/N`. Words are written out, what stands
in brackets is dropped, and a type that says nothing by itself (`PREMIUM`) follows its category.
"""

import re

_WORDS = {
    "ACCESS": "accessories", "ADDTVS": "additives", "BN": "beans", "BR": "bread",
    "BRD": "breaded", "BRKFST": "breakfast", "BKD": "baked", "BTL": "bottle", "BTR": "butter",
    "CAN": "canned", "CAR": "", "CARB": "", "CATFD": "cat food", "CATSUP": "ketchup",
    "CHEEZ": "cheese", "CHICK": "chicken", "CHIX": "chicken", "CHOC": "chocolate",
    "CHOCOCLATE": "chocolate", "CHOCOL": "chocolate", "CKYS": "cookies", "CLEANG": "cleaning",
    "CND": "canned", "CNDLES": "candles", "CNDY": "candy", "CNTRL": "control", "COCO": "cocoa",
    "CONC": "concentrate", "CONTAINR": "containers", "CRAN": "cranberry", "CRBNTD": "carbonated",
    "CRKR": "crackers", "CRMD": "creamed", "CRYSTL": "crystal",
    "CTLRYTBLCLTHSTTHPKSST": "cutlery, tablecloths and toothpicks", "DAN": "danish pastries",
    "DISPOSABLE": "disposable", "DISPOSIBLE": "disposable", "DNR": "dinner", "DNRS": "dinners",
    "DNRSM": "dinners", "DOGFD": "dog food", "DPS": "dips", "DRNK": "drink", "DRNKNG": "drinking",
    "DRNKS": "drinks", "DRNKING": "drinking", "DRSNG": "dressing", "DSH": "dishes", "EXCP": "",
    "EXC": "", "FASH": "fashion", "FD": "food", "FDS": "foods", "FEM": "feminine",
    "FLVR": "flavour", "FLVRD": "flavoured", "FM": "", "FRD": "fried", "FRE": "fresh",
    "FRZ": "frozen", "FRZN": "frozen", "GDS": "goods", "GRND": "ground",
    "HANDKE": "handkerchiefs", "HBC": "health and beauty", "HYGN": "hygiene", "INCL": "",
    "IQF": "", "IWS": "wrapped", "JCE": "juice", "JCES": "juices", "LIQS": "liquids",
    "LOZNG": "lozenges", "MAINSTREAM": "classic", "MEMORABLILIA": "memorabilia", "MENS": "men's",
    "MILTI": "multi", "MINERAL": "mineral", "MISC": "other", "MISCELLANEOUS": "other",
    "MIXS": "mixes", "MLK": "milk", "MLT": "multi", "MNERAL": "mineral", "MNRL": "mineral",
    "MULTI": "multi", "MUSTAR": "mustard", "MW": "microwave", "MX": "mix", "MXS": "mixes",
    "NAPKINS": "napkins", "ORGANICS": "organic", "PCK": "pack", "PICKLD": "pickled",
    "PKG": "packaged", "PKGD": "packaged", "PKLD": "pickled", "PLSTC": "plastic", "PNCH": "punch",
    "PNT": "peanut", "PPK": "prepacked", "PORTON": "portions", "PRSLC": "presliced",
    "PREP": "prepared", "PREPACK": "prepacked", "PROD": "produce", "PRPCK": "prepacked",
    "PWDR": "powder", "PWDRS": "powders", "REFRGRATD": "refrigerated", "REFRIG": "refrigerated",
    "RTS": "ready-to-serve", "RW": "", "SAL": "salads", "SALD": "salad",
    "SAUCESSALSAPICANTEE": "sauces and salsa", "SAUS": "sausage", "SECT": "sections",
    "SFT": "soft", "SGL": "single", "SHERBTS": "sherbets", "SNDWCH": "sandwich", "SNGL": "single",
    "SNKS": "snacks", "SPECILATY": "speciality", "SPECIALTY": "speciality", "SPLY": "supplies",
    "SPRD": "spread", "SRV": "serve", "SS": "single-serve", "STK": "stick", "STKS": "sticks",
    "SUP": "super", "SUPPPLIES": "supplies", "SV": "serve", "SW": "sweet",
    "SWEETNERS": "sweeteners", "SYRP": "syrup", "TISS": "tissues", "TORT": "tortilla",
    "TRSH": "trash", "VEG": "vegetable", "VEND": "vending", "WAT": "water", "WATE": "water",
    "WHL": "whole", "WHLSM": "wholesome", "WTR": "water", "WORCHESTER": "Worcester",
    "XPCTRNT": "expectorant",
}  # fmt: skip
_NAMES = {
    "angus", "asian", "chinese", "christmas", "covergirl", "dijon", "easter", "english", "french",
    "german", "greek", "halloween", "hawaiian", "hispanic", "idaho", "irish", "italian", "kosher",
    "loreal", "maybelline", "mexican", "oriental", "polish", "revlon", "ritz", "spanish", "swiss",
    "thai", "turkish", "valentine", "worcester",
}  # fmt: skip
"""Words that keep their capital."""
_FREQUENT = {
    "BEERALEMALT LIQUORS": "Beer, ale and malt liquor",
    "BUTTER SPRAY CRACKER (RITZ/CLU": "Butter crackers",
    "CANDY BARS (SINGLES)(INCLUDING": "Candy bar",
    "DAIRY CASE 100% PURE JUICE - O": "Pure orange juice, chilled",
    "DAIRY CASE 100% PURE JUICE OTH": "Pure juice, chilled",
    "DAIRY CASE CITRUS PNCH/OJ SUBS": "Citrus punch, chilled",
    "DAIRY CASE FRUIT DRINKS (NO JU": "Fruit drink, chilled",
    "DAIRY CASE JUICE DRNK UNDER 10": "Juice drink, chilled",
    "DAIRY CASE TEA WITH SUGAR OR S": "Sweet tea, chilled",
    "FLUID MILK WHITE ONLY": "White milk",
    "FRZN SS PREMIUM ENTREES/DNRS/N": "Premium frozen dinner, single-serve",
    "FRZN SS PREMIUM ENTREES/DNRS/T": "Premium frozen dinner, single-serve",
    "IWS SINGLE CHEESE": "Cheese slices, wrapped singly",
    "NON-CARB FLVRD DRNKNG/MNRL WAT": "Still water, flavoured",
    "NON-CRBNTD DRNKING/MNERAL WATE": "Still water",
    "RTS SOUP: CHUNKY/HOMESTYLE ET": "Ready-to-serve soup",
    "SEMI-SOLID SALAD DRESSING MAY": "Mayonnaise and creamy dressing",
    "SFT DRNK 2 LITER BTL CARB INCL": "Soft drink, large bottle",
    "SFT DRNK MLT-PK BTL CARB (EXCP": "Soft drink, bottles",
    "SFT DRNK SNGL SRV BTL CARB (EX": "Soft drink, single bottle",
    "SGL SV/VEND MACH SNACKS CHIP/P": "Snacks, single-serve",
    "SOFT DRINKS 12/18&15PK CAN CAR": "Soft drink, cans",
    "SOFT DRINKS 20PK&24PK CAN CARB": "Soft drink, cans",
    "SOFT DRINKS 6PK/4PK CAN CARB (": "Soft drink, cans",
    "SS ECONOMY ENTREES/DINNERS ALL": "Frozen dinner, single-serve",
    "YOGURT MULTI-PACKS": "Yogurt, multi-pack",
    "YOGURT NOT MULTI-PACKS": "Yogurt",
}
"""The till's names of what is bought most, where rules would not do."""
_SAY_CATEGORY = {
    "BACON", "BEEF", "DINNER SAUSAGE", "FLORAL BALLOONS", "FROZEN", "HALLOWEEN", "HEAT/SERVE",
    "HOT DOGS", "ICE CREAM/MILK/SHERBTS", "LAMB", "LUNCHMEAT", "MEAT - MISC", "PASTA SAUCE",
    "PORK", "REFRIGERATED", "SALAD MIX", "SMOKED MEATS", "SPRING/SUMMER SEASONAL", "TURKEY",
    "VALUE ADDED FRUIT",
}  # fmt: skip
"""Categories whose types are mere qualities: `LEAN`, `PREMIUM`, `BLENDS`."""
_UNITS = {
    "OZ": "oz", "LB": "lb", "CT": "count", "PK": "pack", "GAL": "gal", "QT": "qt", "PT": "pt",
    "ML": "ml", "L": "l", "LT": "l", "LTR": "l", "DZ": "dozen", "IN": "in", "FT": "ft",
    "EA": "each", "SQ FT": "sq ft", "ROLL": "rolls", "GM": "g", "KG": "kg",
}  # fmt: skip
_SIZE = re.compile(
    r"((?:\d*\.)?\d+(?:[/-](?:\d*\.)?\d+)?)\s*(" + "|".join(sorted(_UNITS, key=len)[::-1]) + r")\b"
)


def readable(till_name: str) -> str:
    """Return words a customer can read: `FRZN BREADED PREPARED CHICK` is frozen breaded chicken."""
    text = re.sub(r"\([^)]*\)?", " ", till_name)
    text = re.sub(r"\.(?!\d)", " ", text)
    text = re.sub(r"\bX-LARGE", "EXTRA LARGE", text)
    text = re.sub(r"\s+-\s*|\s*-\s+|\s*:\s*", ", ", text)
    text = re.sub(r"\s*&\s*", " and ", text)
    text = re.sub(r"(\w) S\b", r"\1's", text)
    text = re.sub(r"(?<![\w'])[A-Z]+(?![\w'])", lambda found: _word(found[0]), text)
    text = re.sub(r"[A-Z]", lambda found: found[0].lower(), text)
    text = re.sub(r"[a-z]+", lambda found: _name(found[0]), text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?:\s*,)+", ",", text).strip(" ,-/.").removesuffix(" w")
    text = re.sub(r"/{2,}|/(?=,|$)", "", text)
    return text[:1].upper() + text[1:]


def _word(word: str) -> str:
    return _WORDS.get(word, word.lower())


def _name(word: str) -> str:
    if word in ("bbq", "cd", "diy", "dvd", "tv"):
        return word.upper()
    return word.capitalize() if word in _NAMES else word


def readable_size(package_size: str, *, is_produce: bool = False) -> str:
    """Return the last size on the package, `0.5 gal`, or nothing where it names none.

    The sizes of loose fruit and vegetables are those of the crate, and are left out.
    """
    sizes = _SIZE.findall(package_size)
    if not sizes:
        return ""
    amount, unit = sizes[-1]
    if is_produce and (unit == "CT" or (unit == "LB" and not re.fullmatch("[1-9]|10", amount))):
        return ""
    return f"{'0' if amount.startswith('.') else ''}{amount} {_UNITS[unit]}"


def title(
    *,
    product_type: str,
    category: str | None,
    department: str,
    package_size: str | None,
    is_own_brand: bool,
) -> str:
    """Return what the shelf label says: what it is, whose, how much."""
    name = _FREQUENT.get(product_type) or readable(product_type)
    if category in _SAY_CATEGORY:
        kind = readable(category.split("/")[0]).removesuffix(", other")
        if kind.lower() not in name.lower():
            name = f"{kind}, {name[:1].lower()}{name[1:]}"
    elif category == "MAKEUP AND TREATMENT":
        name = f"Makeup, {name}"
    size = readable_size(package_size or "", is_produce=department == "PRODUCE")
    parts = [name, "own brand" if is_own_brand else "", size]
    return ", ".join(part for part in parts if part)
