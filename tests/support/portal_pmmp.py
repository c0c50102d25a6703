"""A portal with the habits of PMMP: searches in sessions, state that must come back once and whole, silent page 1.

Whatever it does not like it answers with status 200 and page 1, or an empty list, as the real one does.
"""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass, field, replace

from tests.support.pmmp_pages import FakeCall, Shown, detail, frame, listing, popup, search_form
from tests.support.portal import Asked, Portal, Reply

RESULTS = "ctl0$CONTENU_PAGE$resultSearch$"
FORM = "ctl0$CONTENU_PAGE$AdvancedSearch$"
ADVANCED = "page=entreprise.EntrepriseAdvancedSearch"
OPEN, ALL = f"{ADVANCED}&AllCons&EnCours&searchAnnCons", f"{ADVANCED}&AllAnn"
_NUMBERS = re.compile(r"refConsultation=(\d+)")


@dataclass
class Session:
    """What the portal remembers of a visitor: one search, and the page it showed last."""

    list: str
    shown: Shown
    state: str
    searches: int = 0
    served: int = 0


@dataclass
class PmmpPortal(Portal):
    """``calls`` are open, ``announcements`` are results, ``gone`` calls have pages only. The rest are its moods.

    ``lose_after``: the session is lost after so many pages. ``moves``: before page n is shown, (add, remove) calls.
    ``zero_first``: so many first pages count none, though there are some. ``zero_at``: page n does. ``counter``: False
    leaves the counter out. ``deaf``: page sizes are not listened to. ``answers``: replies instead of a call's page.
    """

    calls: list[FakeCall] = field(default_factory=list)
    announcements: list[FakeCall] = field(default_factory=list)
    gone: list[FakeCall] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    lose_after: int | None = None
    moves: dict[int, tuple[list[FakeCall], list[int]]] = field(default_factory=dict)
    zero_first: int = 0
    zero_at: int | None = None
    counter: bool = True
    deaf: bool = False
    answers: dict[int, Reply] = field(default_factory=dict)
    longest: int = 500

    def __post_init__(self) -> None:
        self.route("/index.php", self._index)

    def targets(self) -> list[str]:
        """What was clicked, in order."""
        return [
            asked.form["PRADO_POSTBACK_TARGET"].rpartition("$")[2] for asked in self.asked if asked.method == "POST"
        ]

    def read(self, what: str) -> list[str]:
        """The numbers of the calls whose page (or popup) was asked for."""
        return [
            found[1] for asked in self.asked if what in asked.raw_query and (found := _NUMBERS.search(asked.raw_query))
        ]

    def _index(self, asked: Asked) -> Reply:
        query = asked.raw_query
        if "page=Entreprise." in query:
            return Reply(404)
        if query.startswith(ADVANCED):
            return self._posted(asked) if asked.method == "POST" else self._begun(asked)
        found = _NUMBERS.search(query)
        number = int(found[1]) if found else 0
        if number in self.answers:
            return self.answers[number]
        call = next((call for call in (*self.calls, *self.announcements, *self.gone) if call.ref == number), None)
        if call is None or f"={call.org}" not in query:
            return Reply.html(frame("Consultation introuvable", "none", "/index.php"))
        if query.startswith("page=entreprise.EntrepriseDetailConsultation"):
            return Reply(302, headers=(("Location", f"{self.url}/index.php?{query.replace('lConsu', 'lsConsu')}"),))
        if query.startswith("page=commun.PopUpDetailLots") and "orgAccronyme=" in query:
            return Reply.html(popup(call))
        return (
            Reply.html(detail(call))
            if query.startswith("page=entreprise.EntrepriseDetailsConsultation")
            else Reply(404)
        )

    def _begun(self, asked: Asked) -> Reply:
        """A list, or the form of a search, in the visitor's session or a new one."""
        ident, session = self._session(asked)
        if asked.raw_query == ALL:
            session.list, session.state = ALL, self._new_state(1)
            page = frame(search_form({}), session.state, f"/index.php?{ALL}")
        elif asked.raw_query == OPEN:
            session.list = OPEN
            session.searches += 1
            page = self._show(session, Shown(), 1)
        else:  # a flag written with "=" is no flag
            page = frame(search_form({}), self._new_state(1), f"/index.php?{ADVANCED}")
        cookies = (("Set-Cookie", f"PHPSESSID={ident}; path=/"), ("Set-Cookie", "SERVERID=web2; path=/"))
        return Reply.html(page, headers=cookies)

    def _session(self, asked: Asked) -> tuple[str, Session]:
        cookies = asked.headers.get("cookie", "")
        found = re.search(r"PHPSESSID=(\w+)", cookies)
        ident = found[1] if found and "SERVERID=web2" in cookies else secrets.token_hex(8)
        return ident, self.sessions.setdefault(ident, Session(OPEN, Shown(), ""))

    def _posted(self, asked: Asked) -> Reply:
        """A click: on the state of the last answer, once, with the whole form."""
        ident, session = self._session(asked)
        form, shown = asked.form, session.shown
        kept = session.state and form.get("PRADO_PAGESTATE") == session.state and session.list in asked.raw_query
        whole = f"{FORM}organismesNames" in form and all(
            form.get(f"{RESULTS}tableauResultSearch$ctl{n}$refCons") == str(call.ref)
            for n, call in enumerate(shown.calls, start=1)
        )
        lost = self.lose_after is not None and session.served >= self.lose_after
        target = form.get("PRADO_POSTBACK_TARGET", "")
        if lost or not kept or not whole:
            self.sessions.pop(ident, None)
            return Reply.html(self._show(Session(session.list, Shown(), ""), Shown(), 1))
        if target == f"{FORM}lancerRecherche":
            return Reply.html(self._searched(session, form))
        if target == f"{RESULTS}listePageSizeTop" and not self.deaf:
            return Reply.html(self._show(session, replace(shown, size=int(form[target])), 1))
        if target == f"{RESULTS}PagerTop$ctl2":
            return Reply.html(self._show(session, shown, shown.number + 1))
        return Reply.html(self._show(session, shown, 1))

    def _searched(self, session: Session, form: dict[str, str]) -> str:
        session.searches += 1
        filtered = any(value.isspace() for name, value in form.items() if "ids" in name)
        kind = form[f"{FORM}annonceType"] if not filtered and session.searches == 1 else "none"
        return self._show(session, replace(Shown(), search={"annonceType": kind}), 1)

    def _show(self, session: Session, shown: Shown, number: int) -> str:
        added, removed = self.moves.pop(number, ([], []))
        self.calls = [*added, *(call for call in self.calls if call.ref not in removed)]
        kind = shown.search.get("annonceType")
        found = self.calls if session.list == OPEN else [one for one in self.announcements if one.kind == kind]
        again = session.list == OPEN and session.searches > 1  # a second search in one session finds nothing
        if again or number == self.zero_at or (number == 1 and shown.size == 10 and self._zero()):
            found = []
        size = min(shown.size, self.longest)
        session.state = self._new_state(number)
        session.served += 1
        session.shown = replace(
            shown,
            calls=tuple(found[(number - 1) * size : number * size]),
            total=len(found) if self.counter else None,
            pages=max(1, math.ceil(len(found) / size)),
            number=number,
            state=session.state,
            action=f"/index.php?{session.list}",
        )
        return listing(session.shown)

    def _zero(self) -> bool:
        self.zero_first -= 1
        return self.zero_first >= 0

    def _new_state(self, number: int) -> str:
        return f"{secrets.token_hex(40)}+/{number}=="
