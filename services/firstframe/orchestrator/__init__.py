"""The orchestrator: plans campaigns, runs their lanes durably and dispatches work to the stages."""
