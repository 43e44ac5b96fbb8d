// openapi-typescript with openapi-fetch: list all moments in Welsh, handle a typed problem, and get a 304.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/openapi-typescript.ts";
import { origin, nextPage, report } from "./report.ts";

const client = createClient<paths>({ baseUrl: origin });

const titles: string[] = [];
let after: string | undefined;
let release: number | undefined;
do {
  const { data, error } = await client.GET("/v1/moments", {
    params: { query: { lang: "cy", fields: ["title", "slug"], limit: 25, after, release } },
  });
  if (error) throw new Error(error.title);
  titles.push(...data.items.map((moment) => moment.title ?? ""));
  ({ after, release } = nextPage(data.links.next));
} while (after);

const missing = await client.GET("/v1/moments/{slug}", { params: { path: { slug: "dim-byd" }, query: { lang: "cy" } } });
const problem: components["schemas"]["Problem"] | undefined = missing.error;

const params = { path: { slug: "chain-reaction" }, query: { lang: "cy" } } as const;
const first = await client.GET("/v1/moments/{slug}", { params });
const etag = first.response.headers.get("ETag") ?? "";
const again = await client.GET("/v1/moments/{slug}", { params: { ...params, header: { "If-None-Match": etag } } });

// @ts-expect-error: a moment has no field of this name
void (() => client.GET("/v1/moments", { params: { query: { fields: ["name"] } } }));

report({ titles, problem, served: first.data?.language.served, again: again.response.status });
