"""Validation of a SCORM 1.2 manifest against the schemas of IMS Content Packaging and SCORM."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import xmlschema

from api.settings import ROOT

FOLDER = ROOT / "tests/vendor/scorm-1.2"
# This xml.xsd comes with xmlschema. The copy in SCORM is not well-formed according to Namespaces in XML.
XML_NAMESPACE = Path(xmlschema.__file__).parent / "schemas/XML/xml.xsd"


@cache
def _schema() -> xmlschema.XMLSchema10:
    def find(address: object) -> str:
        return str(XML_NAMESPACE) if str(address).endswith("ims_xml.xsd") else str(address)

    schema = xmlschema.XMLSchema10(str(FOLDER / "imscp_rootv1p1p2.xsd"), uri_mapper=find, build=False)
    schema.add_schema(str(FOLDER / "adlcp_rootv1p2.xsd"))
    schema.build()
    return schema


def list_manifest_errors(manifest: str) -> list[str]:
    """Return the errors that the schemas find in a manifest."""
    return [f"{error.path}: {error.reason}" for error in _schema().iter_errors(manifest)]
