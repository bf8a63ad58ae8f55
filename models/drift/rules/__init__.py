"""How a chart judges: frozen limits, named run rules, cumulative sums; and how it says no."""
