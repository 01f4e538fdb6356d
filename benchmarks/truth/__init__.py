"""Markets and proposals of known worth: the ground truth that the gate is measured against."""
