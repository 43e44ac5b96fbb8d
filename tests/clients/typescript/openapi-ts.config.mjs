export default {
  input: "openapi.json",
  output: "generated/hey-api",
  plugins: ["@hey-api/client-fetch"],
  logs: { file: false },
};
