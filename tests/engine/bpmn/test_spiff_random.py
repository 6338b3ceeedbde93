"""Random procedures against a token game of a few lines: the same waits after every step, saved or not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.bpmn.diagrams import (
    Run,
    begin,
    boundary,
    call,
    definition,
    diagram,
    end,
    exclusive,
    flows,
    human,
    parallel,
    sub,
)

Shape = tuple  # type: ignore[type-arg] # ("work",), ("row", a, b), ("both", a, b), ("again", a), ("sub", a) ...

SHAPES: st.SearchStrategy[Shape] = st.recursive(
    st.just(("work",)),
    lambda inner: st.one_of(
        st.tuples(st.just("row"), inner, inner),
        st.tuples(st.just("both"), inner, inner),
        st.tuples(st.just("again"), inner),
        st.tuples(st.just("sub"), inner),
        st.tuples(st.just("call"), inner),
        st.tuples(st.just("cut"), inner, inner),
        st.tuples(st.just("beside"), inner, inner),
    ),
    max_leaves=7,
)


@dataclass
class Drawing:
    """One process being drawn; called processes are drawn into `others`."""

    others: list[bytes] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def process(self, key: str, shape: Shape) -> bytes:
        nodes, arrows = self.inside(key, shape)
        return diagram(key, *nodes, flows(*arrows), messages=("m",))

    def inside(self, key: str, shape: Shape) -> tuple[list[str], list[str]]:
        nodes, arrows = [begin(f"{key}_begin"), end(f"{key}_end")], list[str]()
        first, last = self.draw(shape, nodes, arrows)
        arrows += [f"{key}_begin > {first}", f"{last} > {key}_end"]
        return nodes, arrows

    def draw(self, shape: Shape, nodes: list[str], arrows: list[str]) -> tuple[str, str]:
        """Add the nodes and arrows of a shape; returns where one enters and leaves it."""
        kind, *parts = shape
        n = next(self.numbers)
        if kind == "work":
            nodes.append(human(f"w{n}"))
            return f"w{n}", f"w{n}"
        if kind in {"row", "both"}:
            (a, a_end), (b, b_end) = [self.draw(part, nodes, arrows) for part in parts]
            if kind == "row":
                arrows.append(f"{a_end} > {b}")
                return a, b_end
            nodes += [parallel(f"split{n}"), parallel(f"join{n}")]
            arrows += [f"split{n} > {a}", f"split{n} > {b}", f"{a_end} > join{n}", f"{b_end} > join{n}"]
            return f"split{n}", f"join{n}"
        if kind == "again":
            a, a_end = self.draw(self._room(parts[0]), nodes, arrows)
            nodes += [
                exclusive(f"in{n}"),
                human(f"d{n}"),
                exclusive(f"x{n}", f"x{n}__out{n}"),
                exclusive(f"out{n}"),
            ]
            arrows += [
                f"in{n} > {a}",
                f"{a_end} > d{n} > x{n} > out{n}",
                f'x{n} > in{n} : d{n}_outcome == "again"',
            ]
            return f"in{n}", f"out{n}"
        return self._activity(kind, n, parts, nodes, arrows)

    def _room(self, shape: Shape) -> Shape:
        """The profile puts parallel work inside a loop into a subprocess."""
        return shape if shape[0] in {"sub", "call", "work"} else ("sub", shape)

    def _activity(
        self, kind: str, n: int, parts: list[Shape], nodes: list[str], arrows: list[str]
    ) -> tuple[str, str]:
        if kind == "sub":
            inner_nodes, inner_arrows = self.inside(f"s{n}", parts[0])
            nodes.append(sub(f"s{n}", *inner_nodes, flows(*inner_arrows)))
            return f"s{n}", f"s{n}"
        if kind == "call":
            self.others.append(self.process(f"p{n}", parts[0]))
            nodes.append(call(f"c{n}", f"p{n}"))
            return f"c{n}", f"c{n}"
        host, _ = self.draw(self._room(parts[0]), nodes, arrows)
        handler, handler_end = self.draw(parts[1], nodes, arrows)
        nodes.append(boundary(f"e{n}", host, message="m", interrupting=kind == "cut"))
        nodes += [exclusive(f"out{n}"), end(f"end{n}")]
        arrows += [f"{host} > out{n}", f"e{n} > {handler}"]
        arrows.append(f"{handler_end} > out{n}" if kind == "cut" else f"{handler_end} > end{n}")
        return host, f"out{n}"


Walk = Iterator[tuple[str, ...]]


class Game:
    """The same shapes played by hand. Numbers are given in the order `Drawing` gives them."""

    def __init__(self, shape: Shape) -> None:
        self.numbers = count()
        self.root = Scope(self.number(shape))

    def number(self, shape: Shape) -> Shape:
        kind, *parts = shape
        n = next(self.numbers)
        if kind in {"again", "cut", "beside"}:
            room = parts[0] if parts[0][0] in {"sub", "call", "work"} else ("sub", parts[0])
            parts = [room, *parts[1:]]
        return (kind, n, *(self.number(part) for part in parts))


class Scope:
    """A process or subprocess: done when its path and everything started beside it are done."""

    def __init__(self, shape: Shape) -> None:
        self.beside: list[Block] = []
        self.beside.append(Block(shape, self))

    def waits(self) -> list[str]:
        return [name for block in self.beside for name in block.waits()]

    def do(self, name: str, outcome: str) -> None:
        for block in list(self.beside):
            if name in block.waits() and block.do(name, outcome):
                self.beside.remove(block)

    @property
    def done(self) -> bool:
        return not self.beside


class Block:
    """One shape under way."""

    def __init__(self, shape: Shape, scope: Scope) -> None:
        self.kind, self.n, *self.parts = shape
        self.scope, self.deciding, self.fired = scope, False, False
        opened = self.parts if self.kind == "both" else self.parts[:1]
        self.room = Scope(self.parts[0]) if self.kind in {"sub", "call"} else None
        self.open = [] if self.room else [Block(part, scope) for part in opened]

    def waits(self) -> list[str]:
        if self.kind == "work":
            return [f"w{self.n}"]
        if self.deciding:
            return [f"d{self.n}"]
        inner = self.room.waits() if self.room else [name for one in self.open for name in one.waits()]
        armed = self.kind in {"cut", "beside"} and not self.fired
        return [*inner, f"e{self.n}"] if armed else inner

    def do(self, name: str, outcome: str) -> bool:
        """Let `name` happen; returns whether the shape is done."""
        if self.kind == "work":
            return True
        if self.room:
            self.room.do(name, outcome)
            return self.room.done
        if name == f"e{self.n}":
            self.fired = True
            handler = Block(self.parts[1], self.scope)
            if self.kind == "cut":
                self.open = [handler]
            else:
                self.scope.beside.append(handler)
            return False
        if self.deciding:
            self.deciding = False
            self.open = [Block(self.parts[0], self.scope)]
            return outcome != "again"
        self.open = [one for one in self.open if not (name in one.waits() and one.do(name, outcome))]
        if self.open:
            return False
        if self.kind == "again":
            self.deciding = True
        elif self.kind == "row" and not self.fired:
            self.fired, self.open = True, [Block(self.parts[1], self.scope)]
        else:
            return True
        return False


@settings(max_examples=150, deadline=None)
@given(SHAPES, st.randoms(use_true_random=False))
def test_every_step_waits_where_the_token_game_does(shape: Shape, chance: random.Random) -> None:
    """Sequences, parallel work, loops, subprocesses, calls and both kinds of boundary message, nested."""
    drawing = Drawing()
    run = Run(definition(drawing.process("p", shape), *drawing.others))
    game = Game(shape).root
    for _ in range(60):
        assert run.waits() == sorted(game.waits())
        assert run.instance.ended == game.done
        if game.done:
            return
        name = chance.choice(sorted(game.waits()))
        outcome = chance.choice(["again", "on"])
        game.do(name, outcome)
        run.do(name, outcome)
