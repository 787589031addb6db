"""A Ray cluster: its start, and workers on it."""

from __future__ import annotations

import logging
import math
import os
import re
import socket
import warnings
from importlib.util import find_spec
from typing import Unpack

from ..loading_options import Loading, ModelOptions
from .ray_workers import Workers
from .worker import Worker


def load_workers(
    spec: str,
    *,
    n_workers: int,
    gpus_per_worker: float | None = None,
    cpus_per_worker: int | None = None,
    address: str | None = None,
    **options: Unpack[ModelOptions],
) -> Workers:
    """Load a causal language model on each of several workers of a Ray cluster.

    Parameters
    ----------
    spec : str
        As in `load_model`, but for a server, which has its own queue. A folder must be there on every machine, and so
        must an adapter's.
    n_workers : int
        Copies of the model. Where the cluster has no room for all of them, the others join when it has.
    gpus_per_worker : float, optional
        GPUs of each; if omitted one, or none where the cluster has none or `device` is ``cpu``. More than one with
        ``device="map"``, or with vLLM.
    cpus_per_worker : int, optional
        CPU cores of each, and threads; if omitted one beside a GPU, else an equal share of the cluster's.
    address : str, optional
        Of the cluster (``auto``: the one that this machine belongs to); if omitted that of the environment variable
        ``RAY_ADDRESS``, or else the cores and GPUs of this machine.
    **options
        ``dtype``, ``device``, ``revision``, ``trust_remote_code``, ``adapter``, ``template_args``, ``chat_template``,
        ``date`` and ``bos``, as in `load_model`.

    Returns
    -------
    Workers
        A `Model`, for `extract` and everything else that asks one.

    Raises
    ------
    ImportError
        Where Ray is not installed.
    ConnectionError
        Where there is no cluster at the address.
    ValueError
        For fewer than one worker, a cluster without room for one, a model behind a server, and as in `load_model`.
    RuntimeError
        Where workers die while they load the model.

    Examples
    --------
    >>> model = load_workers("meta-llama/Llama-3.1-8B", n_workers=8)  # doctest: +SKIP
    >>> run = extract(model, load_mmlu(), out="runs/base")  # doctest: +SKIP
    """
    loading = Loading.of(**options)
    if n_workers < 1:
        raise ValueError(f"there must be at least one worker, got {n_workers}")
    if spec.startswith("openai:"):
        raise ValueError("workers load the model themselves; ask a server without them")
    if find_spec("ray") is None:
        raise ImportError("workers need the package ray: pip install 'veracal[ray]'")
    import ray

    if not ray.is_initialized():
        _start(address)
    resources = ray.cluster_resources()
    n_cpus, n_gpus = int(resources.get("CPU", 0)), resources.get("GPU", 0.0)
    gpus = gpus_per_worker
    if gpus is None:
        gpus = 1.0 if n_gpus and loading.device != "cpu" else 0.0
    cpus = cpus_per_worker or (1 if gpus else max(1, n_cpus // n_workers))
    room = min(n_cpus // cpus, math.floor(n_gpus / gpus) if gpus else n_workers)
    if room < 1:
        raise ValueError(
            f"a worker needs {cpus} cores and {gpus:g} GPUs, and the cluster has {n_cpus} and {n_gpus:g} in all"
        )
    if room < n_workers:
        warnings.warn(f"the cluster has room for {room} of {n_workers} workers; others wait for it", stacklevel=2)
    actor = ray.remote(Worker).options(num_cpus=cpus, num_gpus=gpus)
    return Workers(actor, n_workers, spec, loading)


def _start(address: str | None) -> None:
    import ray
    from ray._private import worker

    host_and_port = re.fullmatch(r"([^/]+):(\d+)", address or "")
    if host_and_port:
        # Ray would wait for many minutes.
        try:
            socket.create_connection((host_and_port[1], int(host_and_port[2])), timeout=10).close()
        except OSError as error:
            raise ConnectionError(f"no Ray cluster answers at {address} ({error})") from None
    # For a cluster that starts here; one that is there keeps its own settings.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray prints the deaths of workers on stdout, where results go; the pool meets them.
    worker._worker_logs_enabled = False  # noqa: SLF001
    ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
