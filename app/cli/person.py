"""``safqa person``: people who may sign in, entered and let in by whoever runs this installation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.models.organisation import OrganisationKind
from app.models.person import Role

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from app.config import Settings
    from app.kit.crypto import Keyring
    from app.kit.i18n import Lang
    from app.models.person import Person

_MOST_LISTED = 10_000

command = typer.Typer(
    help="Enter, list and shut out people; make a link for one to come in by.", no_args_is_help=True,
    rich_markup_mode="rich", add_completion=False,
)  # fmt: skip


@command.command("add")
def add(
    mail: Annotated[str, typer.Argument(metavar="MAIL", help="The e-mail address that they sign in with.")],
    *,
    organisation: Annotated[
        str, typer.Option(metavar="NAME", help="Where they belong; made if there is none of this name.")
    ],
    kind: Annotated[OrganisationKind, typer.Option(help="What the organisation is; decides what its pages are.")],
    role: Annotated[Role, typer.Option(help="What they may do there.")] = Role.MEMBER,
    name: Annotated[str | None, typer.Option(help="Their name (default: the address up to its @).")] = None,
    lang: Annotated[str | None, typer.Option(metavar="ar|fr|en", help="The language of their pages.")] = None,
) -> None:
    """Enter a person into an organisation, or give one who is known the role there. Prints a link to sign in by.

    Example: safqa person add amina@commune.example --organisation "Commune X" --kind buyer --role admin
    """
    from app.cli.database import read_settings, run_async

    print(run_async(_add(read_settings(), mail, organisation, kind, (role, name, _lang(lang)))))


@command.command("link")
def link(mail: Annotated[str, typer.Argument(metavar="MAIL", help="The address of somebody who was entered.")]) -> None:
    """Print a link by which this person signs in, once, within a quarter of an hour. Whoever has it comes in.

    Example: safqa person link amina@commune.example
    """
    from app.cli.database import read_settings, run_async

    print(run_async(_link(read_settings(), mail)))


@command.command("disable")
def disable(mail: Annotated[str, typer.Argument(metavar="MAIL", help="Their address.")]) -> None:
    """Shut a person out, from now on and everywhere. `safqa person add` lets them in again.

    Example: safqa person disable amina@commune.example
    """
    from app.cli.database import read_settings, run_async

    run_async(_disable(read_settings(), mail))
    print(f"{mail} can't sign in any more")


@command.command("recover")
def recover(mail: Annotated[str, typer.Argument(metavar="MAIL", help="Their address.")]) -> None:
    """Take the second factor from somebody who lost telephone and recovery codes, and print a link to come in by.

    Make sure that it is them who asks. They are signed out everywhere.

    Example: safqa person recover amina@commune.example
    """
    from app.cli.database import read_settings, run_async

    print(run_async(_recover(read_settings(), mail)))


@command.command("mail")
def mail(
    mail: Annotated[str, typer.Argument(metavar="MAIL", help="Their present address.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The address that they sign in with from now on.")],
) -> None:
    """Give a person another address, for whoever can't change it on their own page. They are signed out everywhere.

    Make sure that it is theirs: it counts as confirmed, and letters with links go there. What they have stays theirs.

    Example: safqa person mail amina@commune.example amina.s@commune.example
    """
    from app.cli.database import read_settings, run_async

    run_async(_put(read_settings(), mail, new))
    print(f"{mail} is {new} now")


@command.command("confirm")
def confirm(mail: Annotated[str, typer.Argument(metavar="MAIL", help="Their address.")]) -> None:
    """Confirm the address of somebody who signed up where no letter confirms it (`SAFQA_SIGN_UP=open` without mail).

    Make sure that it is theirs: from then on they make keys and webhooks, and invite members.

    Example: safqa person confirm amina@startup.example
    """
    from app.cli.database import read_settings, run_async

    run_async(_put(read_settings(), mail, mail))
    print(f"{mail} is confirmed")


@command.command("list")
def list_() -> None:
    """List people: where they belong, with which role, and whether they can sign in.

    Example: safqa person list
    """
    from app.cli.database import read_settings, run_async

    run_async(_list(read_settings()))


def _mistake(text: str) -> NoReturn:
    from app.cli.errors import UserMistake

    raise UserMistake(text)


def _lang(given: str | None) -> Lang | None:
    from app.kit.i18n import LANGS

    for lang in LANGS:
        if given == lang:
            return lang
    if given is not None:
        _mistake(f"--lang {given!r} is none of {', '.join(LANGS)}")
    return None


async def _add(
    settings: Settings, mail: str, organisation: str, kind: OrganisationKind, who: tuple[Role, str | None, Lang | None]
) -> str:
    from app.accounts.repository import AccountRepository
    from app.accounts.service import create_organisation
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.kit.ids import OrganisationId
    from app.members.service import NoAddress, enrol

    role, name, lang = who
    owner_name = organisation.strip()
    if not owner_name:
        _mistake("an organisation needs a name that is not empty")
    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        owner = await AccountRepository(session).organisation_named(owner_name, kind)
        if owner is None:
            owner = create_organisation(session, kind=kind, name=owner_name, country=None)
            await session.flush()
            print(f"made the {kind} {owner_name!r}", file=sys.stderr)
        now = utc_now()
        try:
            person = await enrol(
                session, runtime.keyring, mail=mail, name=name or mail.partition("@")[0], lang=lang,
                organisation=OrganisationId(owner.id), role=role, password=None, now=now,
            )  # fmt: skip
        except NoAddress:
            _mistake(f"{mail!r} is no e-mail address")
        person.disabled_at = None
        print(f"{person.name} is {role} of {owner.name!r}; the link, shown this once:", file=sys.stderr)
        return await _link_of(session, runtime.keyring, settings, person, now)


async def _link(settings: Settings, mail: str) -> str:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        person = await _known(session, runtime.keyring, mail)
        if person.disabled_at is not None:
            _mistake(f"{mail} was shut out; `safqa person add` lets them in again")
        return await _link_of(session, runtime.keyring, settings, person, utc_now())


async def _disable(settings: Settings, mail: str) -> None:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.members.sessions import end_other_sessions

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        person = await _known(session, runtime.keyring, mail)
        person.disabled_at = utc_now()
        await end_other_sessions(session, person.id, None, utc_now())


async def _recover(settings: Settings, mail: str) -> str:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.members.second_factor import disable

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        person = await _known(session, runtime.keyring, mail)
        await disable(session, person.id, None, utc_now())
        return await _link_of(session, runtime.keyring, settings, person, utc_now())


async def _put(settings: Settings, mail: str, new: str) -> None:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.members.moving import NotMoved, put

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        person = await _known(session, runtime.keyring, mail)
        refusal = await put(session, runtime.keyring, person, new, utc_now())
    if refusal is NotMoved.ADDRESS:
        _mistake(f"{new!r} is no e-mail address")
    if refusal is not None:
        _mistake(f"somebody has the address {new} already; `safqa person list` shows who")


async def _list(settings: Settings) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from app.cli.database import migrated
    from app.db.session import reading
    from app.members.belonging import mail_of
    from app.members.repository import PersonRepository

    async with migrated(settings) as runtime, reading(runtime.sessions) as session:
        found = await PersonRepository(session).everybody(_MOST_LISTED)
    if not found:
        print("nobody; `safqa person add` enters people", file=sys.stderr)
        return
    table = Table(header_style="bold", pad_edge=False)
    for heading in ("mail", "name", "organisation", "kind", "role", "second factor", "address", "state"):
        table.add_column(heading, overflow="fold")
    for person, member, owner in found:
        cells = (
            mail_of(runtime.keyring, person), person.name, owner.name, owner.kind.value, member.role.value,
            "yes" if person.totp_secret else "no", "confirmed" if person.mail_confirmed_at else "not confirmed",
            "shut out" if person.disabled_at else "can sign in",
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


async def _known(session: AsyncSession, keyring: Keyring, mail: str) -> Person:
    from app.members.addresses import hashes_of
    from app.members.repository import PersonRepository

    person = await PersonRepository(session).by_mail(hashes_of(keyring, mail.strip()))
    if person is None:
        _mistake(f"there is nobody with the address {mail}; `safqa person list` shows who there is")
    return person


async def _link_of(
    session: AsyncSession, keyring: Keyring, settings: Settings, person: Person, now: dt.datetime
) -> str:  # fmt: skip
    from app.members.links import hand_over

    token = await hand_over(session, keyring, person, _lang(person.lang) or "en", now)
    return f"{site_of(settings)}/sign-in/link/{token}"


def site_of(settings: Settings) -> str:
    """Where the pages are, as far as the settings tell."""
    if settings.public_url is not None:
        return settings.public_url
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 (compared, not bound)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
