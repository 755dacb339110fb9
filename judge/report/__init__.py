"""What is shown and decided: the report, the comparison of revisions, the gate, sweeps."""
