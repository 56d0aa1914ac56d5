"""Training: the plan, feeds of data, the loop, checks, strategies, exact resume."""
