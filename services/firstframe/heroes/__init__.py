"""Heroes read from the store: bounded, and checked against what a request says of them.

Shared by the stages that are given heroes; sees core, ports and imaging.
"""
