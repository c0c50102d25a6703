"""The process that reads a tender's document: ``python -m app.files.notice_worker KIND OPTIONS PATH``."""

from __future__ import annotations

import sys
from pathlib import Path

from app.files.notice_text import NoticeKind, read_notice
from app.files.text_worker import batches_of
from app.files.worker import tell_parent, told_options


def main() -> int:
    """Read one document and tell the parent; the exit code is 0 whenever the parent was told."""
    kind, options, path = NoticeKind(sys.argv[1]), told_options(), Path(sys.argv[3])
    return tell_parent(options.limits, lambda: batches_of(read_notice(path, kind)))


if __name__ == "__main__":
    sys.exit(main())
