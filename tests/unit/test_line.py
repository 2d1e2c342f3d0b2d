"""The line: its order is fair, it is in the folders, and garbage in them harms nobody."""

import json
import os
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist.recipe import Recipe
from fmnist.training import line, runs
from fmnist.training.line import Line, Waiting
from fmnist.training.run import Place, RunFolder
from fmnist.training.runs import RunError


def entries(tmp_path, *people):
    return [
        Waiting(RunFolder(f"{moment:03}", tmp_path), Place(float(moment), person))
        for moment, person in enumerate(people)
    ]


def people(order):
    return "".join(item.place.person for item in order)


@pytest.mark.parametrize(
    ("came", "working", "trained"),
    [
        ("", {}, ""),
        ("aaa", {}, "aaa"),
        ("aaab", {}, "abaa"),
        ("aabbc", {}, "abcab"),
        ("aab", {"a": 1}, "baa"),
        ("ab", {"a": 1, "b": 1}, "ab"),
        ("aabc", {"a": 2, "c": 1}, "bcaa"),
    ],
)
def test_everybody_s_first_comes_before_anybody_s_second(tmp_path, came, working, trained):
    assert people(line.fair_order(entries(tmp_path, *came), working)) == trained


@given(
    st.lists(st.sampled_from("abcd"), max_size=30),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3)),
)
def test_the_order_is_fair_for_all_lines(came, working):
    order = line.fair_order(
        [Waiting(RunFolder(f"{i:03}", None), Place(float(i), p)) for i, p in enumerate(came)],
        working,
    )
    assert Counter(people(order)) == Counter(came)
    had = Counter(working)
    rounds = []
    for item in order:
        rounds.append(had[item.place.person])
        had[item.place.person] += 1
    assert rounds == sorted(rounds)
    for person in set(came):
        moments = [item.place.since for item in order if item.place.person == person]
        assert moments == sorted(moments)


def test_nobody_has_more_at_work_than_allowed(tmp_path):
    seen = Line(tuple(entries(tmp_path, "a", "b")), {"a": 1})
    assert line.next_run(seen, 1).id == "001"
    assert line.next_run(seen, 2).id == "000"
    assert line.next_run(seen, 1, {"001"}) is None


# In the folders ------------------------------------------------------------------------------


def test_a_run_joins_once_and_leaves_once(runs_dir):
    run = runs.create(Recipe(), "ab12")
    assert not run.waits() and run.place() is None and not run.leave_line()
    line.join(run, 5.0)
    assert run.waits() and run.place() == Place(5.0, "ab12")
    with pytest.raises(RunError, match="already in line"):
        line.join(run)
    assert run.leave_line() and not run.waits()
    assert not run.leave_line()
    assert {path.name for path in run.folder.iterdir()} == {"recipe.json", "reserve"}


def test_the_line_is_read_from_the_folders(runs_dir):
    made = [runs.create(Recipe(seed=seed), "a" if seed < 3 else "b") for seed in range(5)]
    for moment, run in enumerate(made):
        line.join(run, moment)
    at_work = made[0].acquire("worker")
    handed = made[1].acquire("queue")
    seen = line.look()
    handed.release()
    made[0].leave_line()
    assert [item.run.id for item in seen.waiting] == [made[i].id for i in (3, 4, 2)]
    assert seen.working == {"a": 2}
    assert seen.position(made[4].id) == 2
    assert seen.position(made[1].id) is None
    seen = line.look()
    at_work.release()
    assert seen.working == {"a": 1}


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "{",
        "[]",
        "null",
        '{"since": "now", "person": "a"}',
        '{"since": NaN, "person": "a"}',
        '{"since": 1e400, "person": "a"}',
        '{"since": -1, "person": "a"}',
        '{"since": 1, "person": 7}',
        '{"since": 1, "person": "<b>"}',
        json.dumps({"since": 1, "person": "a" * 10_000}),
        "[" * 5000,
    ],
)
def test_a_damaged_place_is_that_of_the_last_comer(runs_dir, garbage):
    damaged, sound = runs.create(Recipe()), runs.create(Recipe())
    for run in (damaged, sound):
        line.join(run)
    (damaged.folder / "waiting.json").write_text(garbage)
    assert [item.run.id for item in line.look().waiting] == [sound.id, damaged.id]


@pytest.mark.parametrize("kind", ["folder", "link", "fifo", "large"])
def test_what_is_no_file_is_no_place(runs_dir, kind):
    run = runs.create(Recipe())
    path = run.folder / "waiting.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(run.folder / "recipe.json")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.write_bytes(b" " * 100_000)
    assert line.look().waiting == ()
    assert not run.waits()
    runs.delete(run.id)


def test_a_full_line_takes_all_of_a_group_or_none(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_WAITING", "3")
    line.join(runs.create(Recipe()))
    line.check_room(2)
    with pytest.raises(RunError, match=r"3 runs more would be too many: 1 wait"):
        line.check_room(3)
    for _ in range(2):
        line.join(runs.create(Recipe()))
    with pytest.raises(RunError, match=r"The line is full: 3 runs wait.*Try again"):
        line.join(runs.create(Recipe()))


def test_owner_and_group_are_kept_and_garbage_in_their_place_is_told(runs_dir):
    run = runs.create(Recipe(), "0f" * 16, "20260101-000000-" + "a" * 32)
    assert runs.open_run(run.id) == run
    path = run.folder / "recipe.json"
    content = json.loads(path.read_text())
    for name in ("owner", "group"):
        path.write_text(json.dumps(content | {name: "<img src=x>"}))
        with pytest.raises(RunError, match="damaged"):
            runs.open_run(run.id)
    for name in ("owner", "group"):  # a run of an earlier version
        del content[name]
    path.write_text(json.dumps(content))
    assert (runs.open_run(run.id).owner, runs.open_run(run.id).group) == ("", "")


def test_ids_have_128_random_bits(runs_dir):
    ids = [runs.create(Recipe()).id for _ in range(50)]
    assert len({name[16:] for name in ids}) == 50
    assert all(len(name) == 16 + 32 and runs.MADE_ID.fullmatch(name) for name in ids)
    assert ids == sorted(ids)
