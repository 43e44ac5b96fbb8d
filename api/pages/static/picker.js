"use strict";
// The page works without this: the form asks the server. With it, every change shows at once, and lines copy themselves.
(() => {
  const form = document.getElementById("choice");
  const said = document.getElementById("said");
  if (!form || !said) return;
  let asked = null;
  let silence = 0;

  const say = (words) => {
    said.textContent = words;
    clearTimeout(silence);
    silence = setTimeout(() => { said.textContent = ""; }, 4000);
  };

  // Only what belongs to the kind that is picked stands in the address.
  const address = () => {
    const data = new FormData(form);
    const mine = { moment: ["moment"], prompt: ["prompt"], prompts: ["stage", "show"], session: ["moments", "stages", "minutes"] };
    const kind = data.get("kind");
    for (const [of, names] of Object.entries(mine)) if (of !== kind) for (const name of names) data.delete(name);
    for (const name of ["stage", "minutes"]) if (!data.get(name)) data.delete(name);
    const several = new URLSearchParams();
    for (const name of new Set(data.keys())) several.set(name, data.getAll(name).join(","));
    return `${form.getAttribute("action")}?${several}`.replaceAll("%2C", ",");
  };

  const renew = async () => {
    const result = document.getElementById("result");
    asked?.abort();
    asked = new AbortController();
    const mine = asked;
    const url = address();
    result.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("result");
      if (!fresh) throw new Error("no result");
      const open = new Set([...result.querySelectorAll("details[open]")].map((each) => each.id));
      if (open.size) for (const each of fresh.querySelectorAll("details")) each.open = open.has(each.id);
      result.remove();
      // What is wrong is said before the form; what was chosen stands after it.
      if (fresh.querySelector("#wrong")) form.before(document.adoptNode(fresh));
      else form.after(document.adoptNode(fresh));
      document.getElementById("switch").href = page.getElementById("switch").getAttribute("href");
      history.replaceState(null, "", url);
      offerCopies();
      say(fresh.querySelector("#wrong")?.textContent ?? said.dataset.renewed);
    } catch (error) {
      if (error.name === "AbortError") return;
      result.removeAttribute("aria-busy");
      submit.hidden = false;
      say(said.dataset.notRenewed);
    }
  };

  const copy = async (area) => {
    area.select();
    try {
      await navigator.clipboard.writeText(area.value);
      say(said.dataset.copied);
    } catch {
      area.focus();
      say(said.dataset.byHand);
    }
  };

  const offerCopies = () => {
    for (const place of document.querySelectorAll("[data-copy]:empty")) {
      const area = document.getElementById(place.dataset.copy);
      if (!area) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = said.dataset.copy;
      button.setAttribute("aria-describedby", `hint-${area.id.slice("line-".length)}`);
      button.addEventListener("click", () => copy(area));
      place.append(button);
    }
  };

  // The preview says how high it is, as it does to every page that shows it.
  addEventListener("message", (event) => {
    const frame = document.querySelector("iframe.stage");
    if (!frame || event.source !== frame.contentWindow || event.origin !== location.origin) return;
    const height = Number(event.data?.["magic-moment"] === "height" && event.data.value);
    if (height > 0) frame.style.height = `${Math.min(Math.ceil(height) + 2, 680)}px`;
  });

  const submit = form.querySelector("button[type=submit]");
  submit.hidden = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); renew(); });
  form.addEventListener("change", renew);
  offerCopies();
})();
