"""Shared prefixes of prompts, computed once.

`probe` tries a network on one prompt and makes a plan: attention along the tree, and the budget of a pass.
`prefix_tree` makes nodes of prompts, `batches` takes as many as a pass may hold, `forward` runs the passes. In each a
`packed_row` of nodes goes through the network under `tree_attention`, which calls one of the `kernels` that
`architectures` allows.
"""
