// orval with fetch: list all moments in Welsh, handle a typed problem, and get a 304.
import { getMoment, listMoments } from "./generated/orval/client.ts";
import type { Problem } from "./generated/orval/model/index.ts";
import { nextPage, report } from "./report.ts";

const titles: string[] = [];
let after: string | undefined;
let release: number | undefined;
do {
  const page = await listMoments({ lang: "cy", fields: ["title", "slug"], limit: 25, after, release });
  if (page.status !== 200) throw new Error(`status ${page.status}`);
  titles.push(...page.data.items.map((moment) => moment.title ?? ""));
  ({ after, release } = nextPage(page.data.links.next));
} while (after);

const missing = await getMoment("dim-byd", { lang: "cy" });
const problem: Problem | undefined = missing.status === 404 ? missing.data : undefined;

const first = await getMoment("chain-reaction", { lang: "cy" });
const served = first.status === 200 ? first.data.language.served : undefined;
const etag = first.headers.get("ETag") ?? "";
const again = await getMoment("chain-reaction", { lang: "cy" }, { headers: { "If-None-Match": etag } });

// @ts-expect-error: a moment has no field of this name
void (() => listMoments({ fields: ["name"] }));

report({ titles, problem, served, again: again.status });
