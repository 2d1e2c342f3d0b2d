"""One run from its folder to its end: what a worker and the command line both do."""

from collections.abc import Callable

from fmnist.dataset import Dataset, DatasetError
from fmnist.recipe import Recipe
from fmnist.training import progress
from fmnist.training.files import RunError, disk_message, load_arrays, replacing
from fmnist.training.recorder import (
    NO_LIMITS,
    Diverged,
    Limits,
    Preparation,
    Recorder,
    Stopped,
    obeyed_wish,
)
from fmnist.training.runs import EventLog, Run
from fmnist.training.trainer import Trainer

MakeTrainer = Callable[[Recipe, Dataset, Callable[[float], None]], Trainer]
SAMPLE_IMAGES = 3  # the notebook checks the first three test images


def train_run(
    run: Run,
    load_data: Callable[[], Dataset],
    begun: Callable[[], None] = lambda: None,
    limits: Limits = NO_LIMITS,
    make_trainer: MakeTrainer | None = None,
) -> None:
    """Train a run, or carry on where it was interrupted or stopped, and record everything.

    Whatever goes wrong is told in the run's events as ``failed`` with a plain sentence.

    Parameters
    ----------
    load_data : gives the data set; its errors are told in the run as well
    begun : called once the run is locked and its events say so
    limits : after which the run makes room for others
    make_trainer : gives the trainer; a new one if it is None

    Raises
    ------
    RunError
        If not even that could be written, or if another process is at work on the run.
    """
    lock = run.acquire("worker")
    try:
        log = EventLog(run)
        try:
            _train(run, load_data, log, begun, limits, make_trainer or Trainer)
        except Exception as problem:
            log.append_at_last("failed", message=_plain(problem, run))
        finally:
            log.close()
    except OSError as problem:
        raise RunError(disk_message(problem, f"Run {run.id}")) from problem
    finally:
        lock.release()


def _train(
    run: Run,
    load_data: Callable[[], Dataset],
    log: EventLog,
    begun: Callable[[], None],
    limits: Limits,
    make_trainer: MakeTrainer,
) -> None:
    state_path = run.folder / "state.npz"
    state = load_arrays(state_path, {"epoch"}) if state_path.exists() else None
    epoch = int(state["epoch"]) if state else 0
    log.append("worker_begin", epoch=epoch)
    run.leave_line()
    begun()
    data = load_data()
    try:
        trainer = make_trainer(run.recipe, data, Preparation(run, log).tell)
    except Stopped:
        log.append("train_end", state=progress.STOPPED)
        return  # with the model that an earlier end has left, if any
    if state:
        trainer.restore(state)
    run.model_path.unlink(missing_ok=True)  # from an earlier end: the curves will go past it
    follower = progress.Follower(run)
    elapsed, wish = follower.poll().elapsed, obeyed_wish(state) if state else None
    recorder = Recorder(run, log, trainer, epoch, elapsed, wish, limits)
    log.append(
        "train_begin",
        learning_rate=trainer.learning_rate(),
        data_name=data.name,
        data_official=data.official,
    )
    try:
        trainer.fit(recorder, initial_epoch=epoch)
    except (Stopped, Diverged) as why:
        # The event comes before the model, which takes a second to write.
        if isinstance(why, Stopped):
            log.append("train_end", state=progress.STOPPED, message=str(why))
        else:
            log.append("failed", message=str(why))
        _keep_model_of_last_epoch(run, trainer)
        return
    _save_model(run, trainer)
    _evaluate(trainer, data, log)
    log.append("train_end", state=progress.FINISHED)


def _keep_model_of_last_epoch(run: Run, trainer: Trainer) -> None:
    """Save the model of the last complete epoch, at which the curves of a stopped run end."""
    state_path = run.folder / "state.npz"
    if state_path.exists():
        trainer.restore(load_arrays(state_path))
        _save_model(run, trainer)


def _save_model(run: Run, trainer: Trainer) -> None:
    with replacing(run.model_path) as temporary:
        trainer.save(temporary)


def _evaluate(trainer: Trainer, data: Dataset, log: EventLog) -> None:
    """The one look at the test split, and the notebook's check of its first three images."""
    loss, accuracy = trainer.evaluate_test()
    probabilities = trainer.predict(data.test_images[:SAMPLE_IMAGES])  # (3, 10)
    samples = [
        {
            "index": index,
            "true": int(data.test_labels[index]),
            "predicted": int(row.argmax()),
            "probabilities": [round(float(value), 6) for value in row],
        }
        for index, row in enumerate(probabilities)
    ]
    log.append("test_end", loss=loss, accuracy=accuracy, samples=samples)


def _plain(problem: Exception, run: Run) -> str:
    """One sentence for people; an unforeseen problem keeps its type, so that it can be found."""
    if isinstance(problem, (Diverged, RunError, DatasetError)):
        return str(problem)
    if isinstance(problem, OSError):
        return disk_message(problem, f"Run {run.id}")
    if isinstance(problem, MemoryError):
        return "There was not enough memory for this recipe. Try fewer units or smaller batches."
    return f"Training failed: {type(problem).__name__}: {problem}"
