"use strict";
// validatorUrl: null keeps the description from being sent to anybody else's validator.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#description", validatorUrl: null, docExpansion: "list" });
