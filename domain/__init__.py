"""What mail means: facts, states, commands and rules.

Facts happened and never change. Rules decide facts. Folding facts gives state. Nothing in this package
reads a clock, invents a name or touches the world; time and names come in as arguments.
"""
