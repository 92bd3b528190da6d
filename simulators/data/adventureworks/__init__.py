"""The demonstration books: the public AdventureWorks finance sample as a QAD and an Anaplan."""
