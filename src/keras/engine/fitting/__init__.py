"""Training: the plan, feeds of data, the loop, checks, exact resume."""
