"""Stand-ins for QAD and Anaplan: real HTTP on loopback, fed from files."""
