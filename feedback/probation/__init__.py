"""After approval: what a change really does is measured day by day against the values that it replaced."""
