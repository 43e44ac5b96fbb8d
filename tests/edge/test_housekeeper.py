"""What is put in order is put in order behind everybody's backs, once for all who ask meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

from api.edge.housekeeper import Housekeeper
from tests.tools.servers import wait_until

SOON = 10


class Task:
    """Takes two steps; the first waits until it may be over."""

    def __init__(self) -> None:
        self.begun, self.may_go_on = Event(), Event()
        self.steps: list[int] = []
        self.times = 0

    def __call__(self) -> Iterator[None]:
        self.times += 1
        for step in (1, 2):
            self.steps.append(step)
            self.begun.set()
            assert self.may_go_on.wait(SOON)
            yield


def test_nobody_waits_for_it() -> None:
    task = Task()
    housekeeper = Housekeeper(task)
    housekeeper.begin()
    assert task.begun.wait(SOON)
    assert task.steps == [1]
    task.may_go_on.set()
    housekeeper.wait(SOON)
    assert task.steps == [1, 2]


def test_all_who_ask_meanwhile_are_served_by_one_more() -> None:
    task = Task()
    housekeeper = Housekeeper(task)
    housekeeper.begin()
    assert task.begun.wait(SOON)
    for _ in range(5):
        housekeeper.begin()
    task.may_go_on.set()
    housekeeper.wait(SOON)
    assert task.times == 2


def test_it_begins_again_after_it_was_done() -> None:
    task = Task()
    task.may_go_on.set()
    housekeeper = Housekeeper(task)
    for _ in range(2):
        housekeeper.begin()
        housekeeper.wait(SOON)
    assert task.times == 2


def test_stopped_it_takes_no_further_step_and_comes_back_after_the_one_it_takes() -> None:
    task = Task()
    housekeeper = Housekeeper(task)
    housekeeper.begin()
    assert task.begun.wait(SOON)
    stopping = Thread(target=housekeeper.stop)
    stopping.start()
    wait_until(lambda: housekeeper._steps is None)
    assert stopping.is_alive()
    task.may_go_on.set()
    stopping.join(SOON)
    assert not stopping.is_alive()
    assert task.steps == [1]


def test_a_fault_ends_it_until_it_is_asked_again() -> None:
    times: list[int] = []

    def fail() -> Iterator[None]:
        times.append(1)
        raise OSError("the disk is full")
        yield

    housekeeper = Housekeeper(fail)
    for _ in range(2):
        housekeeper.begin()
        housekeeper.wait(SOON)
    assert len(times) == 2
