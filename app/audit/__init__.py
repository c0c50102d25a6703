"""The audit trail of a call: every look at candidates and every invitation, chained, exportable, frozen on request."""
