"""Makes the demo lecture from its script: `python -m murph.demo.lecture`."""
