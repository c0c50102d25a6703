"""Which rules a clause can concern: none of a rule's cues is there where none of its triggers is.

A rule tries dozens of patterns at every character; looking for a few plain letters first makes a text of which most
clauses ask for nothing ten times as fast to read. A trigger is part of every cue of its rule, so that it never decides
what is found (a test holds that against the labelled passages).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.folding import folded_pattern
from matching.requirements.rules.access import read_preference, read_reserved
from matching.requirements.rules.certificates import read_certificates
from matching.requirements.rules.dates import read_dates
from matching.requirements.rules.filing import read_filing, read_language
from matching.requirements.rules.lots import read_lots
from matching.requirements.rules.partners import read_consortium, read_subcontracting
from matching.requirements.rules.references import read_references
from matching.requirements.rules.staff import read_equipment, read_presence, read_team
from matching.requirements.rules.sums import read_sums
from matching.requirements.rules.tables import read_table
from matching.requirements.rules.terms import read_payment, read_validity
from matching.requirements.rules.visits import read_samples, read_visit
from matching.requirements.rules.weighing import read_weights

Rule: TypeAlias = Callable[[Clause, Document], Iterable[Hit]]


def _folded(words: str) -> tuple[str, ...]:
    return tuple(map(folded_pattern, words.split()))


TRIGGERS: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (
        read_sums,
        _folded(
            "caut garantie depot soumission participation estim budget enveloppe cout montant valeur chiffre turnover "
            "revenue bond securit guarantee deposit earnest value cost ضمان كفال تأمين تقدير كلفة تكلفة قيمة معاملات "
            "أعمال ميزانية ثمن مبلغ"
        ),
    ),
    (read_table, ("|",)),
    (
        read_certificates,
        _folded(
            "qualif classif agrement approval accredit domaine iso secteur sector شهاد تأهيل تصنيف اعتماد مجال توصيف "
            "تكييف qualibat qualiopi rge haccp cyber passi pci hds cmmi soc ce nm autorisation licence"
        ),
    ),
    (
        read_references,
        _folded(
            "attestation certificat referenc projet marche prestation operation mission realisation chantier contrat "
            "travaux etude similar contract assignment project perform experience شهاد شواهد مراجع مماثل مرجع"
        ),
    ),
    (
        read_team,
        _folded(
            "an annee exper year curricul cv c.v moyens point pts means سنوات سنة أعوام عاما سير وسائل إمكانيات "
            "0 1 2 3 4 5 6 7 8 9 un deux trois quatre cinq six one two three four five"
        ),
    ),
    (
        read_equipment,
        _folded(
            "materiel engin equip vehicul outillage moyens dispos possed justifi mobilis means معدات آليات عتاد تجهيز "
            "وسائل إمكانيات توفر"
        ),
    ),
    (
        read_presence,
        _folded(
            "agence bureau siege represent local locaux antenne atelier etabli succursale point service centre garage "
            "station domicili implant install base office presence branch center agent workshop مقر مكتب وكالة فرع محل "
            "تمثيلية ورشة"
        ),
    ),
    (
        read_reserved,
        _folded("reserv exclusiv set-aside aside restrict محجوز مخصص محصور تخصص يخصص تحجز حصر خاص حجز"),
    ),
    (read_preference, _folded("prefer major أفضلي زيادة")),
    (read_consortium, _folded("group cotrait consorti joint jv تجمع ائتلاف تكتل")),
    (read_subcontracting, _folded("trait contract باطن مناولة")),
    (read_visit, _folded("visit inspection زيار")),
    (read_samples, _folded("echantillon prototype specimen sample عين نماذج")),
    (
        read_filing,
        _folded(
            "electroni dematerial ligne portail e-tender e-sub etender e-proc elec online portal إلكترون مادي بوابة"
        ),
    ),
    (
        read_language,
        _folded(
            "langue lang redig etabli libell present formul expos written drafted prepared submitted لغ تحرر محرر "
            "يحرر تعد بال"
        ),
    ),
    (read_dates, tuple("0123456789") + _folded("deux mille vingt jour day أيام يوم")),
    (read_lots, _folded("lot حص")),
    (
        read_weights,
        (
            *_folded(
                "prix cout financi technique qualit disant price cost technical quality نقطة ثمن سعر تقني جودة مالي عرض"
            ),
            " x ",
            "x n",
            "*",
        ),
    ),
    (
        read_payment,
        _folded(
            "paiement pay regl mandat ordonnanc invoic avance advance down retenu retention caut performance "
            "definitive "
            "أداء دفع تسديد يؤدى تؤدى صرف تسبيق اقتطاع حجز ضمان كفال"
        ),
    ),
    (
        read_validity,
        _folded(
            "valid valable engag rest demeur seront sont lie tenu open binding ملتزم ملزم متعهد مرتبط صلاح صالح سريان"
        ),
    ),
)
"""Each rule with letters of which every cue of it holds some."""


def rules_for(clause: Clause) -> list[Rule]:
    """The rules that a clause can concern."""
    text = clause.text
    return [rule for rule, triggers in TRIGGERS if any(trigger in text for trigger in triggers)]
