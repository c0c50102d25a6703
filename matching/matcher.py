"""The facade: two collections, one basis, one algorithm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from matching import artifacts, registry
from matching.batch import in_order
from matching.cpv import CpvTable
from matching.extraction import Extractor
from matching.features import PairSignals
from matching.lexicon import default_lexicon
from matching.modes import default_modes
from matching.moment import Moment
from matching.reasons import MAX_REASONS, Explainer
from matching.scoring import Algorithm
from matching.snapshots import Snapshot
from matching.specialities import default_specialities
from matching.store import Store
from matching.text import ANALYSIS_VERSION
from matching.trades import default_trades
from matching.types import Gates, MatchResult, ProfileTerm, Ranking, StartupDoc, TenderDoc
from matching.vectorizer import Basis, Lengths

_KINDS: dict[str, Literal["term", "concept", "cpv"]] = {"w": "term", "c": "concept", "p": "cpv"}


ANY: Final = Gates()
NO_NOTE: Final[Mapping[str, str]] = MappingProxyType({})


class Matcher:
    """Both collections, one basis, one algorithm: a pair has one score, whichever side asks.

    Thread-safe: queries run on immutable snapshots; writes take turns and never block queries.
    """

    def __init__(
        self, algorithm: Algorithm | str | None = None, *, basis: Basis | None = None, cpv: CpvTable | None = None
    ) -> None:
        """``algorithm``: one that ships, by its name (default: the first), or one made from a model of your own;
        ``cpv``: the official table, whose labels then speak for codes.

        Raises ``UnknownAlgorithm``.
        """
        self.algorithm = algorithm if isinstance(algorithm, Algorithm) else registry.get(algorithm)
        self._lexicon = default_lexicon()
        self._trades = default_trades()
        self._explainer = Explainer(self.algorithm, self._lexicon, self._trades, cpv)
        self._cpv = cpv
        self._store = Store(Extractor(self._lexicon, self._trades, cpv), self.algorithm, basis)

    # ---- contents

    def load(
        self,
        *,
        tenders: Iterable[TenderDoc] = (),
        startups: Iterable[StartupDoc] = (),
        progress: Callable[[str, int], None] | None = None,
    ) -> None:
        """Replace the contents and fit the idf on them; ``progress`` is called with a side's name and a count."""
        self._store.load(tenders, startups, progress)

    def upsert_startups(self, docs: Iterable[StartupDoc]) -> None:
        """Add or replace startups; the next query sees them."""
        self._store.change_startups(docs)

    def upsert_tenders(self, docs: Iterable[TenderDoc]) -> None:
        """Add or replace tenders; the next query sees them."""
        self._store.change_tenders(docs)

    def remove_startups(self, ids: Iterable[str]) -> None:
        """Take startups out; unknown ids are ignored."""
        self._store.change_startups((), ids)

    def remove_tenders(self, ids: Iterable[str]) -> None:
        """Take tenders out; unknown ids are ignored."""
        self._store.change_tenders((), ids)

    def sizes(self) -> tuple[int, int]:
        """How many tenders and how many startups there are."""
        snapshot = self._store.snapshot
        return len(snapshot.tenders), len(snapshot.startups)

    def ids(self) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of the tenders and of the startups there are."""
        snapshot = self._store.snapshot
        return frozenset(snapshot.tenders.ids()), frozenset(snapshot.startups.ids())

    @property
    def basis(self) -> Basis:
        """The fitted feature space; another matcher given it scores alike, whatever it holds."""
        return self._store.snapshot.basis

    def profile_lengths(self) -> Lengths:
        """How long the profiles of the startups are, channel by channel: what ``Basis.lengths`` is the mean of."""
        return self._store.profile_lengths()

    def maintain(self) -> bool:
        """Do one thing that is due after many changes (fit the idf anew, fold parts together); whether there was one.

        Call it from a thread of its own until it says ``False``: no query and no write waits for it.
        """
        return self._store.maintain()

    def compact(self) -> None:
        """Fit the idf anew and fold everything together at once, while writes wait."""
        self._store.compact()

    def save(self, folder: Path, note: Mapping[str, str] = NO_NOTE) -> None:
        """Write the contents as files that ``open`` maps into memory; an older save in the folder is replaced.

        ``note`` is kept with them: it tells who opens them what they hold.
        """
        self._store.save(folder, self._versions, note)

    @classmethod
    def open(cls, folder: Path, algorithm: Algorithm | str | None = None, *, cpv: CpvTable | None = None) -> Matcher:
        """A matcher with the contents of a folder. Raises ``ArtifactMismatch`` if it must be built anew."""
        matcher = cls(algorithm, cpv=cpv)
        matcher.reopen(folder)
        return matcher

    @staticmethod
    def saved_note(folder: Path) -> Mapping[str, str]:
        """The note that the contents of a folder were saved with. Raises ``ArtifactMismatch`` if it can't be read."""
        return artifacts.read_note(folder)

    def reopen(self, folder: Path) -> Mapping[str, str]:
        """Replace the contents by those of a folder; the note they were saved with. Raises ``ArtifactMismatch``."""
        return self._store.open(folder, self._versions)

    @property
    def _versions(self) -> dict[str, str]:
        data = [self._lexicon.version, self._trades.version, default_modes().version, default_specialities().version]
        if self._cpv is not None:
            data.append(self._cpv.version)
        return {"algorithm": self._label, "lexicon": "+".join(data), "analysis": ANALYSIS_VERSION}

    # ---- queries

    def startups_for(self, tender: TenderDoc, *, k: int, gates: Gates = ANY, with_reasons: bool = True) -> Ranking:
        """The best ``k`` startups for a tender, which need not be in the index."""
        return self._startups(self._moment(), tender, k, gates, MAX_REASONS if with_reasons else 0)

    def tenders_for(self, startup: StartupDoc, *, k: int, gates: Gates = ANY, with_reasons: bool = True) -> Ranking:
        """The best ``k`` tenders for a startup, which need not be in the index; a tender counts by its best lot."""
        return self._tenders(self._moment(), startup, k, gates, MAX_REASONS if with_reasons else 0)

    def startups_for_many(
        self,
        tenders: Iterable[TenderDoc],
        *,
        k: int,
        gates: Gates = ANY,
        with_reasons: bool = True,
        workers: int = 1,
    ) -> Iterator[Ranking]:
        """``startups_for`` each of many tenders, in their order, over so many processes; all of them
        see the contents of this moment.
        """
        snapshot, reasons = self._store.snapshot, MAX_REASONS if with_reasons else 0

        def ask(tender: TenderDoc) -> Ranking:
            return self._startups(self._moment(snapshot), tender, k, gates, reasons)

        return in_order(tenders, ask, workers)

    def tenders_for_many(
        self,
        startups: Iterable[StartupDoc],
        *,
        k: int,
        gates: Gates = ANY,
        with_reasons: bool = True,
        workers: int = 1,
    ) -> Iterator[Ranking]:
        """``tenders_for`` each of many startups, in their order, over so many processes; all of them
        see the contents of this moment.
        """
        snapshot, reasons = self._store.snapshot, MAX_REASONS if with_reasons else 0

        def ask(startup: StartupDoc) -> Ranking:
            return self._tenders(self._moment(snapshot), startup, k, gates, reasons)

        return in_order(startups, ask, workers)

    def _startups(self, moment: Moment, tender: TenderDoc, k: int, gates: Gates, reasons: int) -> Ranking:
        hits = moment.startups_for(tender, k, gates)
        items = moment.told_startups(tender, hits, reasons)
        return Ranking(items, hits.considered, hits.gated, self._label)

    def _tenders(self, moment: Moment, startup: StartupDoc, k: int, gates: Gates, reasons: int) -> Ranking:
        hits = moment.tenders_for(startup, k, gates)
        items = moment.told_tenders(startup, hits, reasons)
        return Ranking(items, hits.considered, hits.gated, self._label)

    def measure(self, tender: TenderDoc) -> tuple[tuple[str, ...], PairSignals]:
        """The ids of all startups, and their signals with a tender (each with the lot that scores best): what weights
        are trained on. Meant for collections that were loaded at once.
        """
        return self._moment().measured(tender)

    def explain(self, tender: TenderDoc, startup: StartupDoc) -> MatchResult:
        """One pair with every reason; no gate removes it, an undecidable country is told."""
        moment = self._moment()
        return moment.told_startups(tender, moment.pair(tender, startup), None)[0]

    def best_of(self, startup: StartupDoc, tenders: Iterable[TenderDoc], *, k: int) -> tuple[MatchResult, ...]:
        """The best ``k`` of some tenders that need not be in the index, best first; no gate removes any. For some
        hundreds: each is read anew.
        """
        moment = self._moment()
        pairs = [(tender, moment.pair(tender, startup)) for tender in tenders]
        pairs.sort(key=lambda pair: (-pair[1].items[0].score, pair[0].id))
        return tuple(moment.told_startups(tender, hits, MAX_REASONS)[0] for tender, hits in pairs[:k])

    def profile(self, startup: StartupDoc, limit: int = 100) -> tuple[ProfileTerm, ...]:
        """The heaviest coordinates of a startup's TF-IDF profile, and where each comes from."""
        moment = self._moment()
        rows = moment.startup(startup).units
        places = self._explainer.startup_places(startup)
        terms: list[ProfileTerm] = []
        for n in sorted(range(rows.ids.size), key=lambda n: (-float(rows.values[n]), int(rows.ids[n]))):
            key = moment.term(int(rows.ids[n]))
            kind = _KINDS.get(key[0])
            if kind is None or len(terms) >= limit:
                continue
            terms.append(ProfileTerm(key[2:], kind, float(rows.values[n]), places.of(key), self._explainer.labels(key)))
        return tuple(terms)

    @property
    def _label(self) -> str:
        return f"{self.algorithm.name}-{self.algorithm.version}"

    def _moment(self, snapshot: Snapshot | None = None) -> Moment:
        return Moment(self._store, self._explainer, snapshot or self._store.snapshot)
