"""Names of types that all apps use."""

from collections.abc import Mapping
from typing import Any

# A JSON object, and one that is only read, such as the content of a version.
type JsonObject = dict[str, Any]
type Content = Mapping[str, Any]
# What a template is rendered with.
type TemplateContext = dict[str, Any]
