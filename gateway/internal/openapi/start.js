// Starts the Swagger UI. It is a file of its own because the page's security
// policy allows no script inside the page. The server of the document is
// replaced by the one that this page came from, so that "try it out" works.
window.onload = function () {
  fetch("/api/openapi.json")
    .then(function (answer) { return answer.json(); })
    .then(function (spec) {
      spec.servers[0].variables.host.default = window.location.host;
      spec.servers[0].variables.scheme.default = window.location.protocol.replace(":", "");
      window.ui = SwaggerUIBundle({
        spec: spec,
        dom_id: "#swagger-ui",
        deepLinking: true,
        validatorUrl: null,
        presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
        layout: "BaseLayout"
      });
    });
};
