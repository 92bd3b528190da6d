"""Every write and every orchestration: services say what happened, with the trail."""
