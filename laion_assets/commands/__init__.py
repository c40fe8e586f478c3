"""The commands of `laion-assets`: options, help, and what is printed.

One module for each family of commands; `cli` gathers them. Not here: the work.
"""
