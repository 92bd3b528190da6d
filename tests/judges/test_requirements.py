"""What the judges bring changes nothing of what the product runs on."""

import re
from importlib.metadata import packages_distributions

from connector_site.places import CHECKOUT


def pins(name: str) -> dict[str, str]:
    text = (CHECKOUT / name).read_text("utf-8")
    return dict(re.findall(r"(?m)^([\w.-]+)==([^ ;\\]+)", text))


def test_they_use_the_versions_of_the_product():
    product, judges = pins("requirements.txt"), pins("requirements-judges.txt")
    assert {"anaplan-sdk", "apapi"} <= judges.keys()
    shared = product.keys() & judges.keys()
    assert {"requests", "urllib3", "cryptography"} <= shared
    assert {name: judges[name] for name in shared} == {name: product[name] for name in shared}


def test_they_put_nothing_in_the_place_of_a_package_of_the_product():
    """Some HTTP libraries install a module named urllib3 of their own."""
    product, judges = pins("requirements.txt"), pins("requirements-judges.txt")
    own = judges.keys() - product.keys()
    found = {
        module: sorted({name.lower().replace("_", "-") for name in names})
        for module, names in packages_distributions().items()
        if not module.startswith("_")
    }
    both = {
        module: names
        for module, names in found.items()
        if own.intersection(names) and product.keys() & names
    }
    assert both == {}
    assert found["urllib3"] == ["urllib3"]
