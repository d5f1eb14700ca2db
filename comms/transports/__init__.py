"""The ways out: each module hands one envelope over, or says why not."""
