"""Plain functions on rows: from QAD's page to the proof that its money arrived."""
