"""Has somebody in the United States objected to the sale of their data? Four characters say so.

    1 Y N N      version, was notice given, did they opt out of the sale, is it a limited service

``-`` stands where the law does not apply. Without notice nobody could have opted out, so it counts
as no. The Global Privacy Platform took its place in 2024; many still send it beside that.

Source: IAB Tech Lab, "US Privacy String", version 1, March 2020.
"""

import re

_OURS = re.compile(r"1[YyNn-]{3}", re.ASCII)


def permits(text: str) -> bool:
    """Whether a US privacy string is one, and nothing in it speaks against the sale; never fails.

    Whatever is not of version 1, and an empty text, is none.
    """
    return _OURS.fullmatch(text) is not None and text[1] not in "Nn" and text[2] not in "Yy"
