// @hey-api/openapi-ts: list all moments in Welsh, handle a typed problem, and get a 304.
import { client } from "./generated/hey-api/client.gen.ts";
import { getMoment, listMoments } from "./generated/hey-api/sdk.gen.ts";
import type { Problem } from "./generated/hey-api/types.gen.ts";
import { origin, nextPage, report } from "./report.ts";

client.setConfig({ baseUrl: origin });

const titles: string[] = [];
let after: string | undefined;
let release: number | undefined;
do {
  const { data, error } = await listMoments({ query: { lang: "cy", fields: ["title", "slug"], limit: 25, after, release } });
  if (error) throw new Error(error.title);
  titles.push(...(data?.items ?? []).map((moment) => moment.title ?? ""));
  ({ after, release } = nextPage(data?.links.next));
} while (after);

const missing = await getMoment({ path: { slug: "dim-byd" }, query: { lang: "cy" } });
const problem: Problem | undefined = missing.error;

const first = await getMoment({ path: { slug: "chain-reaction" }, query: { lang: "cy" } });
const etag = first.response?.headers.get("ETag") ?? "";
const again = await getMoment({
  path: { slug: "chain-reaction" },
  query: { lang: "cy" },
  headers: { "If-None-Match": etag },
});

// @ts-expect-error: a moment has no field of this name
void (() => listMoments({ query: { fields: ["name"] } }));

report({ titles, problem, served: first.data?.language.served, again: again.response?.status });
