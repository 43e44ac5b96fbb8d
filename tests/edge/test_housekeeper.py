"""The housekeeper runs a task in the background. If the task is scheduled during a run, it runs once more."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

from api.edge.housekeeper import Housekeeper
from tests.tools.servers import wait_until

TIMEOUT = 10


class Task:
    """A task of two steps. Each step waits until the test lets it finish."""

    def __init__(self) -> None:
        self.has_started, self.may_finish = Event(), Event()
        self.steps: list[int] = []
        self.runs = 0

    def __call__(self) -> Iterator[None]:
        self.runs += 1
        for step in (1, 2):
            self.steps.append(step)
            self.has_started.set()
            assert self.may_finish.wait(TIMEOUT)
            yield


def test_scheduling_does_not_wait_for_the_task() -> None:
    task = Task()
    housekeeper = Housekeeper(task)
    housekeeper.schedule()
    assert task.has_started.wait(TIMEOUT)
    assert task.steps == [1]
    task.may_finish.set()
    housekeeper.wait(TIMEOUT)
    assert task.steps == [1, 2]


def test_scheduling_during_a_run_leads_to_one_more_run() -> None:
    task = Task()
    housekeeper = Housekeeper(task)
    housekeeper.schedule()
    assert task.has_started.wait(TIMEOUT)
    for _ in range(5):
        housekeeper.schedule()
    task.may_finish.set()
    housekeeper.wait(TIMEOUT)
    assert task.runs == 2


def test_the_task_can_be_scheduled_again_after_it_finished() -> None:
    task = Task()
    task.may_finish.set()
    housekeeper = Housekeeper(task)
    for _ in range(2):
        housekeeper.schedule()
        housekeeper.wait(TIMEOUT)
    assert task.runs == 2


def test_stopping_waits_for_the_current_step_and_skips_later_steps() -> None:
    task = Task()
    housekeeper = Housekeeper(task)
    housekeeper.schedule()
    assert task.has_started.wait(TIMEOUT)
    stopping = Thread(target=housekeeper.stop)
    stopping.start()
    wait_until(lambda: housekeeper._steps is None)
    assert stopping.is_alive()
    task.may_finish.set()
    stopping.join(TIMEOUT)
    assert not stopping.is_alive()
    assert task.steps == [1]


def test_a_task_can_run_again_after_an_error() -> None:
    runs: list[int] = []

    def fail() -> Iterator[None]:
        runs.append(1)
        raise OSError("the disk is full")
        yield

    housekeeper = Housekeeper(fail)
    for _ in range(2):
        housekeeper.schedule()
        housekeeper.wait(TIMEOUT)
    assert len(runs) == 2
