"""``safqa key``: API keys, made, listed and ended by whoever runs this installation."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.models.organisation import OrganisationKind

if TYPE_CHECKING:
    from app.accounts.scopes import Scope
    from app.config import Settings

command = typer.Typer(
    help="Make, list and revoke API keys.", no_args_is_help=True, rich_markup_mode="rich", add_completion=False
)


@command.command("create")
def create(
    *,
    organisation: Annotated[
        str, typer.Option(metavar="NAME", help="The organisation the key is for; made if there is none of this name.")
    ],
    kind: Annotated[OrganisationKind, typer.Option(help="What the organisation is; decides what its keys may see.")],
    scopes: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Scopes, by commas (default: all that the kind can use).")
    ] = None,
    name: Annotated[str, typer.Option(help="A name to recognise the key by.")] = "made with safqa key",
    country: Annotated[
        str | None, typer.Option(metavar="CC", help="Country of a new organisation, ISO 3166-1 (MA, FR).")
    ] = None,
) -> None:
    """Make a key and print its token, this once: only a keyed hash is kept. The token alone goes to standard output.

    Example: TOKEN=$(safqa key create --organisation "Commune X" --kind buyer)
    """
    from app.cli.database import read_settings, run_async

    wanted = _scopes(scopes)
    token, told = run_async(_create(read_settings(), organisation, kind, (name, wanted, _country(country))))
    print(told, file=sys.stderr)
    print(token)


@command.command("list")
def list_(
    *,
    organisation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only the keys of this organisation.")
    ] = None,
) -> None:
    """List the keys: whose, their scopes, since when, and whether they still work. Tokens can't be shown again.

    Example: safqa key list --organisation "Commune X"
    """
    from app.cli.database import read_settings, run_async

    run_async(_list(read_settings(), organisation))


@command.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY_ID", help="The id that `safqa key list` shows.")],
) -> None:
    """End a key at once and for good.

    Example: safqa key revoke 019aab12-0000-7000-8000-000000000000
    """
    from app.cli.database import read_settings, run_async

    try:
        key_id = uuid.UUID(key)
    except ValueError:
        _mistake(f"{key!r} is no key id; `safqa key list` shows them")
    run_async(_revoke(read_settings(), key_id))
    print(f"revoked {key_id}")


def _mistake(text: str) -> NoReturn:
    from app.cli.errors import UserMistake

    raise UserMistake(text)


def _scopes(given: str | None) -> tuple[Scope, ...] | None:
    from app.accounts.scopes import SCOPES

    if given is None:
        return None
    asked = {word.strip() for word in given.split(",") if word.strip()}
    if not asked or (unknown := asked - set(SCOPES)):
        what = f"unknown scope {', '.join(sorted(unknown))}" if asked else "--scopes names no scope"
        _mistake(f"{what}; there are {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in asked)


def _country(given: str | None) -> str | None:
    if given is not None and not (len(given) == 2 and given.isascii() and given.isalpha()):
        _mistake(f"--country {given!r} is no ISO 3166-1 code of two letters")
    return given.upper() if given else None


async def _create(
    settings: Settings,
    organisation: str,
    kind: OrganisationKind,
    order: tuple[str, tuple[Scope, ...] | None, str | None],
) -> tuple[str, str]:
    from app.accounts.repository import AccountRepository
    from app.accounts.scopes import DEFAULT_SCOPES
    from app.accounts.service import KeyOrder, create_key, create_organisation
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.ids import OrganisationId

    name, scopes, country = order
    owner_name = organisation.strip()
    if not owner_name or not name.strip():
        _mistake("an organisation and a key need a name that is not empty")
    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        owner = await AccountRepository(session).organisation_named(owner_name, kind)
        new = owner is None
        if owner is None:
            owner = create_organisation(session, kind=kind, name=owner_name, country=country)
            await session.flush()
        made = create_key(
            session, runtime.keyring, OrganisationId(owner.id), KeyOrder(name, scopes or DEFAULT_SCOPES[kind])
        )
        key_id, owner_id = made.key.id, owner.id
    whose = f"{'new ' if new else ''}{kind} {owner_name!r} ({owner_id})"
    return made.token, f"key {key_id} of the {whose}; its token, shown this once:"


async def _list(settings: Settings, organisation: str | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from app.accounts.repository import AccountRepository
    from app.cli.database import migrated
    from app.db.session import reading
    from app.kit.clock import utc_now

    async with migrated(settings) as runtime, reading(runtime.sessions) as session:
        found = await AccountRepository(session).all_keys(organisation)
    if not found:
        print("no keys" + (f" of an organisation named {organisation!r}" if organisation else ""), file=sys.stderr)
        return
    now = utc_now()
    table = Table(header_style="bold", pad_edge=False)
    for heading in ("id", "organisation", "kind", "name", "token", "made", "state"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for owner, key in found:
        ended = "revoked" if key.revoked_at else "expired" if key.expires_at and key.expires_at <= now else "works"
        cells = (
            str(key.id),
            owner.name,
            owner.kind.value,
            key.name,
            f"{key.hint}…",
            f"{key.created_at:%Y-%m-%d}",
            ended,
        )
        table.add_row(*(Text(cell) for cell in cells))
    # An id that is cut off is of no use: where nobody looks at a terminal, a row is as long as it must be.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


async def _revoke(settings: Settings, key_id: uuid.UUID) -> None:
    from app.accounts.repository import AccountRepository
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        if not await AccountRepository(session).revoke_any(key_id, utc_now()):
            _mistake(f"there is no working key {key_id}")
