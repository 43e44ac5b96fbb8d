"use strict";
// The page works without this script. The script adds a search, forms that send requests, and links to operations.
(() => {
  const template = document.querySelector("template#try");
  const base = template.dataset.base;
  const token = document.querySelector("#token");
  const filter = document.querySelector("#filter");
  const operations = [...document.querySelectorAll("details.operation")];

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  // A select starts with an empty option: nothing is sent that the reader did not choose.
  function input(parameter, id) {
    const { choices, required } = parameter.dataset;
    const control = choices === undefined
      ? element("input", { type: "text", autocomplete: "off", spellcheck: false })
      : element("select", {}, ...["", ...choices.split(" ")].map((value) => element("option", { value }, value)));
    control.id = id;
    control.required = required !== undefined;
    return control;
  }

  function addForm(operation) {
    const place = operation.querySelector(".try");
    if (place.childElementCount) return;
    const id = operation.querySelector(":scope > div").id;
    place.append(template.content.cloneNode(true));
    const form = place.querySelector("form");
    const fields = form.querySelector(".fields");
    const isRead = operation.dataset.method === "GET";
    form.querySelector(".writes").hidden = isRead;
    const controls = [...operation.querySelectorAll(".members > div[data-place]")].map((parameter) => {
      const control = input(parameter, `${id}-try-${parameter.dataset.place}-${parameter.dataset.name}`);
      const required = parameter.querySelector("dt em");
      const label = element("label", { htmlFor: control.id }, element("code", { translate: false }, parameter.dataset.name));
      if (required) label.append(" ", required.textContent);
      fields.append(element("div", {}, label, control));
      return { control, ...parameter.dataset };
    });
    const body = operation.querySelector(".body");
    let text = null;
    if (body) {
      text = element("textarea", { id: `${id}-try-body`, spellcheck: false });
      const heading = body.previousElementSibling.previousElementSibling.textContent;
      fields.append(element("div", { className: "wide" }, element("label", { htmlFor: text.id }, heading), text));
      const example = body.querySelector("pre");
      const fill = form.querySelector(".fill");
      fill.hidden = !example;
      fill.addEventListener("click", () => { text.value = example.textContent; show(); });
    }

    function request() {
      let path = operation.dataset.path;
      const query = new URLSearchParams();
      const headers = {};
      for (const { control, place: where, name } of controls) {
        const value = control.value.trim();
        if (where === "path") path = path.replace(`{${name}}`, value ? encodeURIComponent(value) : `{${name}}`);
        else if (value && where === "query") query.set(name, value);
        else if (value) headers[name] = value;
      }
      if (token.value) headers.Authorization = `Bearer ${token.value}`;
      if (text?.value) headers["Content-Type"] = body.dataset.mediaType;
      const search = query.toString();
      return { url: path + (search ? `?${search}` : ""), headers, body: text?.value || undefined };
    }

    const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;
    const command = operation.querySelector(".command");

    // The command is the request that the form sends. It never shows the token.
    function show() {
      const { url, headers, body: data } = request();
      const words = ["curl", ...(isRead ? [] : ["-X", operation.dataset.method])];
      for (const [name, value] of Object.entries(headers)) {
        words.push("-H", quoted(`${name}: ${name === "Authorization" ? "Bearer TOKEN" : value}`));
      }
      if (data) words.push("-d", quoted(data));
      command.textContent = [...words, quoted(template.dataset.origin + url)].join(" ");
    }
    form.addEventListener("input", show);

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { url, headers, body: data } = request();
      const status = form.querySelector("[role=status]");
      const answer = form.querySelector(".answer");
      status.textContent = template.dataset.sending;
      answer.hidden = true;
      show();
      try {
        const response = await fetch(base + url, { method: operation.dataset.method, headers, body: data, cache: "no-store" });
        const content = await response.text();
        const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
        const isJson = /json/.test(response.headers.get("Content-Type") ?? "") && content;
        status.textContent = `${response.status} ${response.statusText}`;
        answer.textContent = `${head}\n\n${isJson ? JSON.stringify(JSON.parse(content), null, 2) : content}`;
        answer.hidden = false;
      } catch {
        status.textContent = template.dataset.unreachable;
      }
    });
  }

  // Open the operation or schema that contains the target of the address.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let each = target?.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    target?.scrollIntoView();
  }

  for (const operation of operations) {
    operation.addEventListener("toggle", () => {
      if (!operation.open) return;
      addForm(operation);
      history.replaceState(null, "", `#${operation.querySelector(":scope > div").id}`);
    });
  }

  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const operation of operations) {
      const text = `${operation.querySelector("summary").textContent} ${operation.querySelector(":scope > div").id}`.toLowerCase();
      operation.hidden = !words.every((word) => text.includes(word));
      count += !operation.hidden;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("details.operation:not([hidden])");
    }
    const shown = document.querySelector("#shown");
    shown.textContent = count ? shown.dataset.text.replace("{count}", count) : shown.dataset.none;
  });

  const tools = document.querySelector("#tools");
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
