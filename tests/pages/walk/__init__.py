"""A walk over everything: any widget of any page with any legal value, in a world that changes.

`visitor` is a browser tab, `widgets` is what can be pressed in it, `world` is what happens around
it, `steps` ties them together, `invariants` is what has to hold after each step. `machine` lets
Hypothesis choose the steps; `test_walk` takes some hundred of them, `explore` as many as one likes.
"""
