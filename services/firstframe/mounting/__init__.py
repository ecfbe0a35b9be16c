"""Models of a stage: packs, the server that runs them, their memory and their health, as one thing that an `app.py` opens."""
