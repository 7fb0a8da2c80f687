"""What both clients can do, each once."""
from __future__ import annotations

from progon_client.calls import answering, data, serving
from progon_client.calls import experiments as of_experiments
from progon_client.calls import keys as of_keys
from progon_client.calls import tasks as of_tasks
from progon_client.described import described, told


class Methods:
    """The calls as methods."""

    forward = described(answering.forward)
    forward_rows = described(answering.forward_rows)
    forward_picture = described(answering.forward_picture)
    forward_batch = described(answering.forward_batch)
    forward_table = described(answering.forward_table)
    forward_pictures = described(answering.forward_pictures)
    forward_zip = described(answering.forward_zip)
    evaluate = described(answering.evaluate)
    evaluate_table = described(answering.evaluate_table)
    evaluate_pictures = described(answering.evaluate_pictures)
    evaluate_events = told(evaluate)

    add_data = described(data.add_data)
    add_data_events = told(add_data)
    check = described(data.check)
    check_events = told(check)
    add_labels = described(data.add_labels)
    add_labels_events = told(add_labels)
    dataset = described(data.dataset)
    dataset_rows = described(data.dataset_rows)
    export_data = described(data.export_data)
    dataset_sample = described(data.dataset_sample)
    dataset_columns = described(data.dataset_columns)
    dataset_pictures = described(data.dataset_pictures)
    dataset_picture = described(data.dataset_picture)
    undo_data = described(data.undo_data)

    tasks = described(of_tasks.tasks)
    task = described(of_tasks.task)
    look = described(of_tasks.look)
    create_task = described(of_tasks.create_task)
    create_task_events = told(create_task)
    add_task = described(of_tasks.add_task)
    edit_task = described(of_tasks.edit_task)
    delete_task = described(of_tasks.delete_task)
    trainers = described(of_tasks.trainers)

    retrain = described(of_experiments.retrain)
    cancel = described(of_experiments.cancel)
    experiment = described(of_experiments.experiment)
    metrics = described(of_experiments.metrics)
    experiments = described(of_experiments.experiments)
    compare = described(of_experiments.compare)
    artifacts = described(of_experiments.artifacts)
    artifact = described(of_experiments.artifact)
    edit_experiment = described(of_experiments.edit_experiment)
    delete_experiment = described(of_experiments.delete_experiment)
    import_model = described(of_experiments.import_model)

    deploy = described(serving.deploy)
    roll_out = described(serving.roll_out)
    rollouts = described(serving.rollouts)
    promote = described(serving.promote)
    abort = described(serving.abort)
    rollback = described(serving.rollback)
    deployments = described(serving.deployments)
    metadata = described(serving.metadata)
    observations = described(serving.observations)
    how_it_went = described(serving.how_it_went)
    predictions = described(serving.predictions)
    traffic = described(serving.traffic)
    history = described(serving.history)
    audit = described(serving.audit)
    health = described(serving.health)
    readiness = described(serving.readiness)

    caller = described(of_keys.caller)
    keys = described(of_keys.keys)
    create_key = described(of_keys.create_key)
    revoke_key = described(of_keys.revoke_key)
