"""A stand-in Anaplan: token service and Integration API over the models of one JSON file."""
