// What the programs share: the service's origin, the parameters of the next page, and the result as JSON.
interface Problem {
  type: string;
  status: number;
  language: string;
}

export interface Result {
  titles: string[];
  problem: Problem | undefined;
  served: string | undefined;
  again: number | undefined;
}

export const origin = process.argv[2] ?? "";

export function nextPage(link: string | null | undefined): { after: string | undefined; release: number | undefined } {
  const query = link ? new URL(link).searchParams : new URLSearchParams();
  const release = query.get("release");
  return { after: query.get("after") ?? undefined, release: release === null ? undefined : Number(release) };
}

export function report({ titles, problem, served, again }: Result): void {
  const { type, status, language } = problem ?? {};
  console.log(JSON.stringify({ titles, problem: { type, status, language }, served, again }));
}
