"use strict";
// Enhancements of the embed builder: changes are shown at once, and snippets can be copied by a button.
(() => {
  const form = document.getElementById("choice");
  const status = document.getElementById("said");
  if (!form || !status) return;
  let pending = null;
  let timeout = 0;

  const announce = (message) => {
    status.textContent = message;
    clearTimeout(timeout);
    timeout = setTimeout(() => { status.textContent = ""; }, 4000);
  };

  // The URL has the parameters of the chosen kind only.
  const builderUrl = () => {
    const data = new FormData(form);
    const parameters = { moment: ["moment"], prompt: ["prompt"], prompts: ["stage", "show"], session: ["moments", "stages", "minutes"] };
    const kind = data.get("kind");
    for (const [other, names] of Object.entries(parameters)) if (other !== kind) for (const name of names) data.delete(name);
    for (const name of ["stage", "minutes"]) if (!data.get(name)) data.delete(name);
    const query = new URLSearchParams();
    for (const name of new Set(data.keys())) query.set(name, data.getAll(name).join(","));
    return `${form.getAttribute("action")}?${query}`.replaceAll("%2C", ",");
  };

  const update = async () => {
    const result = document.getElementById("result");
    pending?.abort();
    pending = new AbortController();
    const { signal } = pending;
    const url = builderUrl();
    result.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("result");
      if (!fresh) throw new Error("no result");
      const open = new Set([...result.querySelectorAll("details[open]")].map((details) => details.id));
      if (open.size) for (const details of fresh.querySelectorAll("details")) details.open = open.has(details.id);
      result.remove();
      // Errors are shown before the form, results after it.
      if (fresh.querySelector("#wrong")) form.before(document.adoptNode(fresh));
      else form.after(document.adoptNode(fresh));
      document.getElementById("switch").href = page.getElementById("switch").getAttribute("href");
      history.replaceState(null, "", url);
      addCopyButtons();
      announce(fresh.querySelector("#wrong")?.textContent ?? status.dataset.renewed);
    } catch (error) {
      if (error.name === "AbortError") return;
      result.removeAttribute("aria-busy");
      submit.hidden = false;
      announce(status.dataset.notRenewed);
    }
  };

  const copy = async (area) => {
    area.select();
    try {
      await navigator.clipboard.writeText(area.value);
      announce(status.dataset.copied);
    } catch {
      area.focus();
      announce(status.dataset.byHand);
    }
  };

  const addCopyButtons = () => {
    for (const slot of document.querySelectorAll("[data-copy]:empty")) {
      const area = document.getElementById(slot.dataset.copy);
      if (!area) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = status.dataset.copy;
      button.setAttribute("aria-describedby", `hint-${area.id.slice("line-".length)}`);
      button.addEventListener("click", () => copy(area));
      slot.append(button);
    }
  };

  // The preview reports its height, as it does to every page that frames it.
  addEventListener("message", (event) => {
    const frame = document.querySelector("iframe.stage");
    if (!frame || event.source !== frame.contentWindow || event.origin !== location.origin) return;
    const height = Number(event.data?.["magic-moment"] === "height" && event.data.value);
    if (height > 0) frame.style.height = `${Math.min(Math.ceil(height) + 2, 680)}px`;
  });

  const submit = form.querySelector("button[type=submit]");
  submit.hidden = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); update(); });
  form.addEventListener("change", update);
  addCopyButtons();
})();
