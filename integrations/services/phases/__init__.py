"""The five phases of a run, a module each."""
