"""Small checked-in lists of words that never score, already folded (lower case, no accents, Arabic letters unified).

``FUNCTION_WORDS`` also tell French from English; ``BOILERPLATE`` is the prose of procurement and of company
presentations, which says nothing about a trade.
"""

from __future__ import annotations

from types import MappingProxyType

_FR = """
a afin ai ainsi alors apres as assez au aucun aucune aupres auquel aura aussi autant autre autres aux auxquels avait
avant avec avez avoir avons c ca car ce ceci cela celle celles celui ces cet cette ceux chacun chaque chez ci comme
comment concernant contre d dans de dela depuis des desquels dessus deux divers diverses doit doivent donc dont du
duquel durant elle elles en encore entre es est et etaient etait etant ete etre eu eux fait faire fera font hors ici il
ils j jusqu jusque l la laquelle le lequel les lesquels leur leurs lors lorsque lui m ma mais me meme memes mes moi
moins mon n ne ni non nos notre nous on ont ou par parmi pas pendant permet permettant peu peut peuvent plus plusieurs
pour pourquoi pres propos puis qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera seront ses si
sien soit son sont sous suivant sur t ta tant te tel telle telles tels tes toi ton tous tout toute toutes travers tres
tu un une vers via voici voila vos votre vous y aujourd hui sein ainsi lieu faut
"""

_EN = """
a about above after again against all also am among an and any are as at be because been before being below between
both but by can could did do does doing down during each few for from further had has have having he her here hers him
his how i if in into is it its itself just may me might more most must my no nor not of off on once only or other our
ours out over own per same shall she should so some such than that the their theirs them then there these they this
those through to too under until up upon us very was we were what when where which while who whom why will with within
without would you your yours
"""

_AR = """
في من الي عن مع او ام ثم بل لا لم لن ما ان انه انها اذا اذ كل كما كان كانت يكون تكون هو هي هم هن نحن انا انت هذا هذه
ذلك تلك هولا الذي التي الذين اللواتي بين قبل عند عندما حتي حول خلال ضد منذ دون بدون غير سوي ليس لكن لكل لدي له لها
لهم بها به بهم فيه فيها منه منها عليه عليها اليه اليها عنها عنه قد لقد سوف هناك هنا ايضا اي ايه حيث حسب وفق وفقا نحو
بشان كذلك مثل مختلف جميع بعض احد احدي عبر ضمن علي و ب ل ك ف وذلك وهو وهي التابع التابعه
"""

_BOILERPLATE_FR = """
appel appels offre offres consultation consultations marche marches lot lots unique objet relatif relatifs relative
relatives prestation prestations cadre cahier prescriptions avis reglement article seance publique ouvert ouverte dit
dite ci-apres numero annee annees mois jour jours titre compte profit relevant relevants dependant besoins societe
entreprise entreprises solution solutions equipe expertise experts expert specialisee specialise specialises client
clients leader propose proposons offrons accompagne accompagnons ans www http https com ma fr dh dhs mad eur euros
ttc ht tva
"""

_BOILERPLATE_EN = """
tender tenders call contract contracts lot lots single subject related relating regarding notice framework procurement
company companies solution solutions team expertise expert experts specialized specialised clients client customers
customer leader leading provide provides offer offers years year
"""

_BOILERPLATE_AR = """
طلب عروض عرض الصفقه صفقه حصه حصص فريده وحيده موضوع المتعلق المتعلقه المتعلقين لفايده شركه الشركه موسسه خدمه خدمات
الخدمات سنه شهر يوم رقم درهم
"""

FUNCTION_WORDS = MappingProxyType(
    {
        "fr": frozenset(_FR.split()),
        "en": frozenset(_EN.split()),
        "ar": frozenset(_AR.split()),
    }
)

BOILERPLATE = MappingProxyType(
    {
        "fr": frozenset(_BOILERPLATE_FR.split()),
        "en": frozenset(_BOILERPLATE_EN.split()),
        "ar": frozenset(_BOILERPLATE_AR.split()),
    }
)
