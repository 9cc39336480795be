"""The door of the child processes; people use `python -m benchmarks faults`."""

from benchmarks.faults import children

children.main()
