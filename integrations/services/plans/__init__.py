"""The way back: plans pulled from Anaplan, stored, published and sent to QAD."""
