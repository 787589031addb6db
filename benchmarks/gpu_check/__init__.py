"""A check of the CUDA path that can be run at once on a machine with a GPU.

Beforehand, where the project is installed (a parcel of 24 MB, ignored by git)::

    make gpu-parcel

On the GPU's machine, from a copy of the tree with ``gpu_parcel/`` in it::

    python -m benchmarks.gpu_check --out FOLDER [--parts letters,speed,memory] [--tiny]

The machine needs Python 3.11 or newer and the packages torch, transformers, safetensors and numpy; accelerate for one
line of the letters, which is skipped without it. Nothing is installed or downloaded, and of the project only
``calibration.models`` is imported. Its one small dependency beside those, lazy-loader, is carried in the parcel.
Versions that the check was run with, all on a processor: torch 2.13.0 with transformers 5.17.0 and 5.23.0 (Python
3.11), torch 2.11.0 (its CUDA build) with transformers 5.17.0 (Python 3.12). So no wheels need to be carried.

Each part writes its own JSON file after every line: what was done before an early end is kept. *letters*: what the
GPU computes is what the processor computed, sharing beginnings or not, with each attention kernel, in any batch, and
in generation. *speed*: items per second beside Hugging Face batches, share of the card's matrix rate and of the floor
of work. *memory*: where memory runs out, passes shrink and the letters stay. The exit status is 1 if a check failed.
``--tiny`` runs every part on a processor, on small models, in under a minute.
"""
