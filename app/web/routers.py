"""The routers of all areas of pages. A new one goes in here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

import app.web.account.routes
import app.web.account.routes_address
import app.web.account.routes_letters
import app.web.account.routes_members
import app.web.account.routes_second
import app.web.assets
import app.web.candidates.routes
import app.web.candidates.routes_audit
import app.web.candidates.routes_compare
import app.web.candidates.routes_export
import app.web.candidates.routes_pool
import app.web.channels.alerts
import app.web.channels.deliveries
import app.web.channels.endpoints
import app.web.channels.keys
import app.web.entry.routes
import app.web.entry.routes_invitation
import app.web.entry.routes_provider
import app.web.entry.routes_sign_up
import app.web.entry.routes_take_back
import app.web.founder.routes
import app.web.incubator.routes_board
import app.web.incubator.routes_import
import app.web.incubator.routes_startup
import app.web.meetings.routes
import app.web.notice_errors.routes
import app.web.officer.routes
import app.web.officer.routes_documents
import app.web.officer.routes_edit
import app.web.officer.routes_import
import app.web.officer.routes_mirror
import app.web.operator.routes_health
import app.web.operator.routes_organisations
import app.web.operator.routes_sources
import app.web.opportunities.matches
import app.web.opportunities.searches
import app.web.opportunities.tenders
import app.web.pilots.routes
import app.web.pilots.routes_attestations
import app.web.pilots.routes_buyer
import app.web.pilots.routes_startup
import app.web.progress.routes
import app.web.start
import app.web.tender.routes
import app.web.tender.routes_decisions

ROUTERS: Final[tuple[APIRouter, ...]] = (
    app.web.start.router,
    app.web.assets.router,
    app.web.founder.routes.router,
    app.web.candidates.routes.router,
    app.web.candidates.routes_export.router,
    app.web.candidates.routes_audit.router,
    app.web.candidates.routes_pool.router,
    app.web.candidates.routes_compare.router,
    app.web.channels.alerts.router,
    app.web.channels.endpoints.router,
    app.web.channels.deliveries.router,
    app.web.channels.keys.router,
    app.web.officer.routes.router,
    app.web.officer.routes_edit.router,
    app.web.officer.routes_documents.router,
    app.web.officer.routes_import.router,
    app.web.opportunities.matches.router,
    app.web.opportunities.searches.router,
    app.web.opportunities.tenders.router,
    app.web.officer.routes_mirror.router,
    app.web.progress.routes.router,
    app.web.notice_errors.routes.router,
    app.web.pilots.routes.router,
    app.web.pilots.routes_buyer.router,
    app.web.pilots.routes_startup.router,
    app.web.pilots.routes_attestations.router,
    app.web.meetings.routes.router,
    app.web.operator.routes_health.router,
    app.web.operator.routes_organisations.router,
    app.web.operator.routes_sources.router,
    app.web.incubator.routes_board.router,
    app.web.incubator.routes_import.router,
    app.web.incubator.routes_startup.router,
    app.web.account.routes.router,
    app.web.account.routes_address.router,
    app.web.account.routes_letters.router,
    app.web.account.routes_members.router,
    app.web.account.routes_second.router,
    app.web.entry.routes.router,
    app.web.entry.routes_invitation.router,
    app.web.entry.routes_sign_up.router,
    app.web.entry.routes_take_back.router,
    app.web.tender.routes.router,
    app.web.tender.routes_decisions.router,
    app.web.entry.routes_provider.router,
)
