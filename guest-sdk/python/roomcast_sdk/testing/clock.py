"""A clock that stands still until it is told to go on, and the timers on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Timer:
    """One timer; times are in milliseconds since the hub's start."""

    id: int
    due: int
    delay: int
    repeat: bool
    token: str


class Clock:
    """Timers, and the time since the hub's start."""

    def __init__(self) -> None:
        self.now = 0
        self.timers: list[Timer] = []
        self._last_id = 0

    def set(self, delay: int, repeat: bool, token: str) -> int:
        """Set a timer; a repeating one fires again and again."""
        self._last_id += 1
        self.timers.append(Timer(self._last_id, self.now + delay, delay, repeat, token))
        return self._last_id

    def cancel(self, id: int) -> bool:
        before = len(self.timers)
        self.timers = [timer for timer in self.timers if timer.id != id]
        return len(self.timers) < before

    def take(self) -> list[Timer]:
        """Take the timers out, for the time in which another instance is tried. Ids are never used again."""
        taken, self.timers = self.timers, []
        return taken

    def adopt(self, old: list[Timer]) -> None:
        """Another instance has taken over: it goes on with the timers of the one before, as on a real host. Where it has
        set one with the same token by itself the old one is dropped, and with the same delay keeps its time."""
        own = list(self.timers)
        in_phase: set[int] = set()
        for timer in old:
            if not any(mine.token == timer.token for mine in own):
                self.timers.append(timer)
                continue
            for mine in own:
                same = (mine.token, mine.delay, mine.repeat) == (timer.token, timer.delay, timer.repeat)
                if same and mine.id not in in_phase:
                    in_phase.add(mine.id)
                    mine.due = timer.due
                    break

    def next_until(self, end: int) -> str | None:
        """Go on to the next firing, but not beyond `end`: its token, or None when the clock has reached `end`."""
        due = [timer for timer in self.timers if timer.due <= end]
        if not due:
            self.now = max(self.now, end)
            return None
        timer = min(due, key=lambda timer: (timer.due, timer.id))
        self.now = max(self.now, timer.due)
        if timer.repeat:
            timer.due += timer.delay
        else:
            self.timers.remove(timer)
        return timer.token
