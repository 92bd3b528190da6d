"""A stand-in QAD: business documents over HTTP, served from a folder of CSV books."""
