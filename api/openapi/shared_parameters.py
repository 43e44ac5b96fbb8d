"""The parameters of the API document, each a component with a name."""

from __future__ import annotations

from typing import Any

# The key in a parameter's schema that holds the name of its component. The default is the parameter's own name.
NAME = "x-component"


class ParameterNameError(ValueError):
    """Two different parameters with the same name."""


def share_parameters(document: dict[str, Any]) -> None:
    """Replace every parameter in the paths of ``document`` by a reference. Raises ParameterNameError."""
    components: dict[str, Any] = {}
    for item in document["paths"].values():
        holders = [item, *(member for member in item.values() if isinstance(member, dict))]
        for holder in holders:
            parameters = holder.get("parameters", [])
            if parameters:
                holder["parameters"] = [_share(parameter, components) for parameter in parameters]
            else:
                holder.pop("parameters", None)
    document["components"]["parameters"] = dict(sorted(components.items()))


def _share(parameter: dict[str, Any], components: dict[str, Any]) -> dict[str, str]:
    name = parameter["schema"].pop(NAME, None) or component_name(parameter["name"])
    if parameter.get("required") is False:
        del parameter["required"]
    if components.setdefault(name, parameter) != parameter:
        raise ParameterNameError(
            f"two different parameters are called {name}: give one `x_component` in its metadata "
            f"({components[name]} and {parameter})"
        )
    return {"$ref": f"#/components/parameters/{name}"}


def component_name(name: str) -> str:
    """Return the name of a component for a parameter or a kind: `min_state` is `MinState`."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))
