"""Ctrl-C is heard once, whatever the process is in the middle of."""

from __future__ import annotations

import os
import signal
import weakref

import pytest

from app.cli.interrupts import Interrupts


class Dying:
    """Something with a finaliser."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_comes_in_a_finaliser_is_raised_between_two_pieces_of_work() -> None:
    interrupts = Interrupts()
    with interrupts.remembered():
        dying = Dying()
        weakref.finalize(dying, os.kill, os.getpid(), signal.SIGINT)
        del dying  # Python drops what is raised now
        with pytest.raises(KeyboardInterrupt):
            interrupts.raise_lost()


def test_one_that_comes_while_it_is_held_is_raised_at_the_end() -> None:
    interrupts = Interrupts()
    done = []

    def work() -> None:
        with interrupts.held():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("the rest of the block")

    with interrupts.remembered(), pytest.raises(KeyboardInterrupt):
        work()
    assert done


def test_afterwards_it_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts().remembered():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
