"""``python -m stgraph``: the command line, as `torchrun -m stgraph` starts it."""

from stgraph.cli.main import main

if __name__ == "__main__":
    main()
