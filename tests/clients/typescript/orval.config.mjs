export default {
  service: {
    input: "openapi.json",
    output: {
      target: "generated/orval/client.ts",
      schemas: "generated/orval/model",
      client: "fetch",
      baseUrl: { getBaseUrlFromSpecification: true },
    },
  },
};
