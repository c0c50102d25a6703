"""What a stranger may send in a notice or a profile to harm whoever looks at it."""

from __future__ import annotations

from app.kit.clock import utc_now
from tests.support.factories import in_days

SCRIPT = "<script>pwned=1</script>"
PICTURE = '"><img src=x onerror=pwned=1>'
CLOSING = "</textarea></title></script><svg onload=pwned=1>"
QUOTED = "' autofocus onfocus='pwned=1"
TEMPLATE = "{{ 7 * 7 }}{% raw %}${7*7}"
TURNED = "\u202eexe.fdp\u2069"
LONG = "Mot" * 80
EVERYTHING = f"{SCRIPT} {PICTURE} {CLOSING} {QUOTED} {TEMPLATE} {TURNED}"


def notice(number: str, topic: str, **fields: object) -> dict[str, object]:
    """A call about ``topic`` with all of it in each field that takes text."""
    return {
        "id": f"hostile-{number} {PICTURE}"[:120],
        "title": f"{topic} {EVERYTHING}",
        "description": f"{topic} {EVERYTHING} {LONG}",
        "buyer": {"id": f"b-{number}", "name": f"Acheteur {SCRIPT} {PICTURE}"},
        "procedure": f"ouverte {PICTURE}",
        "activities": [f"{topic} {SCRIPT}", CLOSING],
        "place": f"Agadir {PICTURE}",
        "country": "MA",
        "cpv": ["38127000"],
        "value": {"amount": "120000", "currency": "MAD"},
        "published": utc_now().isoformat(),
        "deadline": in_days(30),
        "lots": [{"id": f"1 {QUOTED}", "title": f"Lot {EVERYTHING}", "description": f"{CLOSING} {LONG}"}],
        "language": "fr",
        "url": f"https://portal.example/notice?x={number}%22%3E%3Cscript%3Epwned=1%3C/script%3E",
        "documents": [{"title": f"Cahier {EVERYTHING}", "url": "javascript:pwned=1"}],
        "notes": {SCRIPT: PICTURE},
        **fields,
    }


def profile(number: str, **fields: object) -> dict[str, object]:
    """A startup that does the same."""
    return {
        "id": f"hostile-{number}",
        "name": f"Capteurs {SCRIPT} {QUOTED}",
        "description": f"Capteurs connectés pour l'irrigation, sondes, LoRaWAN. {EVERYTHING} {LONG}",
        "sectors": [f"IoT {PICTURE}"],
        "technologies": [f"LoRaWAN {CLOSING}"],
        "regions": ["Souss-Massa"],
        "city": f"Agadir {PICTURE}",
        "country": "MA",
        "languages": ["fr"],
        "labels": [{"name": f"Label {SCRIPT}", "issuer": PICTURE}],
        "certifications": [f"ISO 9001 {SCRIPT}"],
        "references": [{"title": f"Irrigation {EVERYTHING}", "buyer": PICTURE}],
        "website": "https://startup.example/%22onmouseover=pwned=1",
        **fields,
    }
