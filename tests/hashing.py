"""Argon2 with little work to do, so that tests which sign in spend their time elsewhere."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The product's own way to hash, at its smallest cost."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
