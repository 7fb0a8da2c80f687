"""Which experiment serves."""
from __future__ import annotations

import click

from application.use_cases.admission import Terms
from application.use_cases.roll_out import RolloutWish
from domain.rollout import RolloutRole
from entrypoints.answers.deployments import DeploymentAnswer
from entrypoints.answers.rollouts import RolloutAnswer, RolloutStateAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show, table


@click.command("deploy")
@click.argument("experiment_id", type=int)
@click.option("--if-better", metavar="METRIC", help="Only if it beats what serves by this metric.")
@click.option("--threshold", type=float, metavar="P", help=(
    "Of a task of two labels: answer the positive one where its probability is above P, not where the model says so."))
@click.option("--as", "role", type=click.Choice([str(role) for role in RolloutRole]), help=(
    "Beside what serves: as a shadow, which is asked in silence, or as a canary, which answers a share of the callers."
))
@click.option("--share", type=float, metavar="S", help=(
    "Part of the requests that the candidate is asked, such as 0.1; of a canary it has to be named, of a shadow it is "
    "all of them without."))
@click.option("--by", metavar="COLUMN", help=(
    "Of a canary: rows with the same value in this column are always answered by the same model."))
@as_json
def deploy(experiment_id: int, if_better: str | None, threshold: float | None, role: str | None, share: float | None,
           by: str | None, as_json: bool) -> None:
    """Put an experiment into service. With --as, beside what serves. A running service of the same database has taken
    it over when this ends."""
    terms = Terms(threshold, if_better)
    if role is None:
        if share is not None or by is not None:
            raise click.UsageError("--share and --by are for a rollout: --as shadow or --as canary")
        with asked() as progon:
            deployment = progon.deploy(experiment_id, terms)
            show(deployment, as_json, lambda: _words(deployment))
        return
    with asked() as progon:
        rollout = progon.roll_out(experiment_id, RolloutWish(RolloutRole(role), share, by), terms)
        show(rollout, as_json, lambda: _rollout_words(rollout))


def _rollout_words(rollout: RolloutAnswer) -> str:
    what = "answers" if rollout.as_ is RolloutRole.CANARY else "is asked in silence, as a shadow,"
    how = f", by {rollout.by}" if rollout.by else ""
    return (f"experiment {rollout.experiment_id} {what} {100 * rollout.share:.4g}% of the requests of "
            f"{rollout.task}{how}; experiment {rollout.serving_experiment_id} serves")


@click.command("rollouts")
@click.argument("task", required=False)
@as_json
def rollouts(task: str | None, as_json: bool) -> None:
    """How the candidates that deploy --as has put beside what serves are doing; of TASK alone, where it is named."""
    with asked() as progon:
        body = progon.rollouts(task)
        show(body, as_json, lambda: "\n\n".join(map(_state_words, body.rollouts)) or "no rollout goes on")


def _state_words(state: RolloutStateAnswer) -> str:
    lines = [_rollout_words(state.rollout),
             f"since {state.rollout.since:%Y-%m-%d %H:%M} UTC: {state.candidate.rows} rows answered by the candidate, "
             f"{state.serving.rows} by what serves"]
    if state.same is not None:
        lines.append(f"the same answer to {state.same:.1%} of {state.pairs} rows that both answered")
    if state.apart is not None:
        lines.append(f"{state.apart:.6g} apart in the mean, of {state.pairs} rows that both answered")
    rows = [_compared(name, state) for name in state.candidate.quality]
    return "\n".join([*lines, table(rows) if rows else "no labels are known yet (progon label)"])


def _compared(name: str, state: RolloutStateAnswer) -> dict[str, object]:
    serving, shown = state.serving.quality.get(name), state.differences.get(name)
    return {"metric": name, "candidate": state.candidate.quality[name].value, "serves": serving and serving.value,
            "difference": shown and f"{shown.value:+.4f} ({shown.low:+.4f} to {shown.high:+.4f})",
            "candidate is": shown and str(shown.verdict)}


@click.command("promote")
@click.argument("task")
@as_json
def promote(task: str, as_json: bool) -> None:
    """The candidate of the rollout of TASK serves all its requests; the rollout ends."""
    with asked() as progon:
        deployment = progon.promote(task)
        show(deployment, as_json, lambda: _words(deployment))


@click.command("abort")
@click.argument("task")
@as_json
def abort(task: str, as_json: bool) -> None:
    """The rollout of TASK ends, and what serves goes on."""
    with asked() as progon:
        deployment = progon.abort(task)
        show(deployment, as_json, lambda: f"the rollout of {task} has ended; experiment {deployment.experiment_id} "
                                          "serves all of it")


@click.command("rollback")
@click.argument("task")
@as_json
def rollback(task: str, as_json: bool) -> None:
    """Put the experiment that served TASK before into service again."""
    with asked() as progon:
        deployment = progon.rollback(task)
        show(deployment, as_json, lambda: _words(deployment))


def _words(deployment: DeploymentAnswer) -> str:
    before = deployment.previous_experiment_id
    return (f"{deployment.task} is served by experiment {deployment.experiment_id}"
            + (f", before by {before}" if before not in (None, deployment.experiment_id) else "")
            + (f"; positive above {deployment.threshold:.6g}" if deployment.threshold is not None else ""))


@click.command("deployments")
@click.argument("task", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@as_json
def deployments(task: str | None, limit: int, as_json: bool) -> None:
    """What served, newest first; of TASK alone. The first of a task is what serves it now."""
    with asked() as progon:
        body = progon.deployments(task, limit)
        show(body, as_json, lambda: table([_row(one) for one in body.deployments]) if body.deployments else
             "nothing was deployed yet")


def _row(one: DeploymentAnswer) -> dict[str, object]:
    return {"at": f"{one.created_at:%Y-%m-%d %H:%M}", "task": one.task, "experiment": one.experiment_id,
            "before": one.previous_experiment_id, "generation": one.generation, "what": one.reason,
            "by": one.deployed_by, "threshold": one.threshold, "candidate": one.rollout and one.rollout.experiment_id}
