"""All that a bid request says of consent: whether it lets us tell what we know of its person.

What it says in several places counts everywhere: the strictest wins. What it does not say, the
person's own decision does (``models.customer.permission.targeting``), which is asked besides.

    for a child (COPPA)                                      no
    the browser sends "do not sell" (GPC)                    no
    under the GDPR, and no TC string, nor one in a GPP       no
    a string that cannot be read, or that speaks against     no
    sections of a GPP string are named, and it lacks one     no

Source: IAB Tech Lab, OpenRTB 2.6, object ``Regs``; before 2.6 the same stood in ``regs.ext``.
"""

from dataclasses import dataclass

from models.consent import gpp, tcf, us_privacy

_ALL: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What a request says, wherever in it."""

    now_ms: int
    """When it came, in ms since 1970."""
    is_for_child: bool = False
    is_under_gdpr: bool = False
    objects_by_browser: bool = False
    tcf: tuple[str, ...] = ()
    us_privacy: tuple[str, ...] = ()
    gpp: tuple[str, ...] = ()
    sections: frozenset[int] = _ALL
    """Of GPP strings, those to be applied; empty, or with ``gpp.NOT_DETERMINED``, for all."""

    @property
    def permit(self) -> bool:
        """Whether nothing in them speaks against it; never fails, whatever the texts are."""
        if self.is_for_child or self.objects_by_browser:
            return False
        texts_permit = (
            all(tcf.permits(text, now_ms=self.now_ms) for text in self.tcf)
            and all(map(us_privacy.permits, self.us_privacy))
            and self._platform_permits()
        )
        return texts_permit and (not self.is_under_gdpr or self._says_of_europe())

    @property
    def _applied(self) -> frozenset[int]:
        """Sections that each GPP string must have; empty for all that it has."""
        return _ALL if gpp.NOT_DETERMINED in self.sections else self.sections

    def _platform_permits(self) -> bool:
        if not self.gpp:
            return self._applied <= {gpp.NONE_APPLIES}
        return all(gpp.permits(text, self._applied, now_ms=self.now_ms) for text in self.gpp)

    def _says_of_europe(self) -> bool:
        """Whether there is a TC string; GPP strings were found readable before."""
        if self.tcf:
            return True
        applied = self._applied
        return any(
            gpp.EUROPE in gpp.sections(text) and (not applied or gpp.EUROPE in applied)
            for text in self.gpp
        )
