"""The `vbench` scorer: the real VBench, asked over a pipe, in a Python environment of its own. Opt-in; wants a GPU."""
