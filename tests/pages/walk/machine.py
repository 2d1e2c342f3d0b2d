"""The steps of a walk as Hypothesis chooses them."""

from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from fmnist.sandbox.opener import Opener
from tests.damage import DAMAGES
from tests.pages.walk import invariants
from tests.pages.walk.steps import NAMES, TEXTS, Walk
from tests.pages.walk.visitor import PAGES
from tests.pages.walk.world import DOWNLOADS, MAX_WAITING, RECIPES

KINDS = ("finished", "live", "paused", "waiting", "stopped", "diverged", "interrupted",
         "warming up")  # fmt: skip
CHANGES = (
    [("forget", "")]
    + [("data", name) for name in ("given", "given", "reversed", "moved", "none", "damaged")]
    + [("download", name) for name in DOWNLOADS]
)
PAGE = st.sampled_from(list(PAGES.values()))
SOME_RUNS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(list(RECIPES))), min_size=1, max_size=3
)


class Everything(RuleBasedStateMachine):
    """Any step may follow any other."""

    folders: ClassVar[dict[str, Path]]
    place: ClassVar[Path]
    opener: ClassVar[Opener]

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk(self.folders, self.place, self.opener)
        self.world = self.walk.world

    def teardown(self) -> None:
        self.walk.close()

    def choose(self, data: Any, items: list[Any], label: str) -> Any:
        return items[data.draw(st.integers(0, len(items) - 1), label)]

    # The first day -------------------------------------------------------------------------------

    @initialize(
        page=PAGE, some=SOME_RUNS, damage=st.sampled_from(list(DAMAGES)), real=st.booleans()
    )
    def begin(self, page: str, some: list[tuple[str, str]], damage: str, real: bool) -> None:
        """Runs are there already, one of them damaged; the real data in half of all walks."""

        def prepare() -> None:
            self.world.set_data("given" if real else "none")
            for kind, recipe in some:
                self.world.prepare(kind, recipe)
            self.world.prepare_damaged(damage)

        self.walk.happen(
            f"{'the real data' if real else 'no data'}, runs {some}, one with {damage}", prepare
        )
        self.walk.open(page, {})

    # In the page: half of all rules --------------------------------------------------------------

    def press_one(self, data: Any) -> None:
        if found := self.walk.untried() or self.walk.presses():
            self.walk.press(self.choose(data, found, "press"))

    press = rule(data=st.data())(press_one)
    press_next = rule(data=st.data())(press_one)
    press_another = rule(data=st.data())(press_one)

    @rule(data=st.data())
    def press_three(self, data: Any) -> None:
        for _ in range(3):
            self.press_one(data)

    @rule(data=st.data())
    def press_two_at_once(self, data: Any) -> None:
        """Before the page has followed, as when a number is typed and Start clicked."""
        found = self.walk.presses()
        if len({press.widget for press in found}) > 1:
            first = self.choose(data, found, "press")
            others = [press for press in found if press.widget != first.widget]
            self.walk.press(first, self.choose(data, others, "and"))

    @rule(data=st.data())
    def press_a_button(self, data: Any) -> None:
        """Buttons are few among all that can be pressed, and do most."""
        if buttons := [press for press in self.walk.presses() if press.is_button]:
            self.walk.press(self.choose(data, buttons, "button"))

    # From page to page ---------------------------------------------------------------------------

    @rule(data=st.data(), how=st.sampled_from(["link", "card", "other tab", "reload"]))
    def go_on(self, data: Any, how: str) -> None:
        walk, cards = self.walk, invariants.card_links(self.walk.tab.app)
        if how == "card" and cards:
            walk.follow_card(self.choose(data, list(range(len(cards))), "card"))
        elif how == "other tab" and len(walk.tabs) > 1:
            walk.switch_tab()
        elif how == "reload":
            walk.reload()
        else:
            walk.follow(self.choose(data, list(range(len(walk.tab.links()))), "link"))

    @rule(data=st.data(), page=PAGE, odd=st.booleans(), text=st.sampled_from(list(TEXTS.values())))
    def open_an_address(self, data: Any, page: str, odd: bool, text: str) -> None:
        names = [*self.world.ended(), *self.world.training(), *self.world.waiting()]
        if odd or not names:
            self.walk.open_odd(page, self.choose(data, ["all", *NAMES[page]], "name"), text)
        else:
            run_id = self.choose(data, names, "run")
            self.walk.open(page, {"run" if "train" in page else "model": run_id})

    # Around the page -----------------------------------------------------------------------------

    @rule(change=st.sampled_from(CHANGES))
    def data_changes(self, change: tuple[str, str]) -> None:
        what, name = change
        if what == "data":
            self.walk.data(name)
        elif what == "forget":
            self.walk.forget()
        else:
            self.walk.happen(f"a download: {name}", lambda: self.world.set_download(name))

    @rule(kind=st.sampled_from(KINDS), recipe=st.sampled_from(list(RECIPES)))
    def somebody_trains(self, kind: str, recipe: str) -> None:
        if len(self.world.waiting()) < MAX_WAITING:
            self.walk.happen(f"a run of somebody's, {kind}: {recipe}",
                             lambda: self.world.prepare(kind, recipe))  # fmt: skip

    @rule(data=st.data(), what=st.sampled_from([1, 2, 3, 1000, "diverges", "is killed"]))
    def training_goes_on(self, data: Any, what: int | str) -> None:
        """A process takes the first that waits, or goes on with what it has."""
        if waiting := self.world.waiting():
            first = waiting[0]
            self.walk.happen(f"a training process takes {first}", lambda: self.world.take(first))
        if training := self.world.training():
            run_id = self.choose(data, training, "run")
            words = f"trains {what} steps" if isinstance(what, int) else what
            self.walk.happen(f"{run_id} {words}", lambda: self.world.train(run_id, what))

    @rule(data=st.data(), damage=st.none() | st.sampled_from(list(DAMAGES)))
    def a_run_is_lost(self, data: Any, damage: str | None) -> None:
        """Somebody else deletes or damages a run that nobody is at work on."""
        if ended := self.world.ended():
            self.walk.lose(self.choose(data, ended, "run"), damage)
