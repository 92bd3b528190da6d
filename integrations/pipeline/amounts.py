"""Amounts as plain decimal text: kept, added and compared exactly."""
