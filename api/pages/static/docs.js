"use strict";
// validatorUrl: null: do not send the description to an external validator.
SwaggerUIBundle({ url: "openapi.json", dom_id: "#description", validatorUrl: null, docExpansion: "list" });
