"use strict";
// What a frame gains with a script: it fits its text, a set turns without a new page, a session has a timer.
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const find = (selector, within = document) => within.querySelector(selector);

  // WordPress names a frame by a secret behind the #; a page that the reader goes on to must keep it.
  const secret = (/[#?&]secret=([A-Za-z0-9]+)/.exec(location.hash) || [])[1];
  let told = 0;

  function tell(isAsked) {
    const value = Math.ceil(root.getBoundingClientRect().height);
    if (window.parent === window || !value || (value === told && isAsked !== true)) return;
    told = value;
    // The height is no secret, and who may frame the page is the server's to say: any parent may hear it.
    window.parent.postMessage({ "magic-moment": "height", value, lang: root.lang }, "*");
    if (secret) window.parent.postMessage({ message: "height", value, secret }, "*");
  }

  function follow() {
    new ResizeObserver(() => tell()).observe(root);
    window.addEventListener("load", () => tell(true));
    window.addEventListener("resize", () => tell());
    window.addEventListener("message", (event) => {
      const said = event.data;
      if (event.source === window.parent && said && said.message === "ready" && said.secret === secret) tell(true);
    });
    if (secret) for (const link of all("a[href]")) link.hash = location.hash;
  }

  // A set: the links lead to the same page at another place; with a script the place changes here.
  function turn() {
    const set = find(".set");
    const nav = find(".turn");
    if (!set || !nav) return;
    const cards = all("section", set);
    const links = [find('[rel="prev"]', nav), find('[rel="next"]', nav)];
    const place = find(".place", nav);
    const [seen, heard] = place.children;
    const movers = [...links, ...all(".switch a")];
    let at = cards.findIndex((card) => !card.hidden);

    function go(to) {
      cards[at].hidden = true;
      at = to;
      cards[at].hidden = false;
      seen.textContent = `${at + 1} / ${cards.length}`;
      heard.textContent = place.dataset.place.replace("{at}", at + 1).replace("{total}", cards.length);
      for (const [link, next] of [[movers[0], at], [movers[1], at + 2], ...movers.slice(2).map((link) => [link, at + 1])]) {
        const url = new URL(link.href);
        if (next === 1) url.searchParams.delete("at");
        else url.searchParams.set("at", next);
        link.href = url;
      }
      links[0].hidden = at === 0;
      links[1].hidden = at === cards.length - 1;
    }

    links.forEach((link, i) => {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        go(at + (i ? 1 : -1));
        // At an end the link that was used is gone: the focus goes to the one that leads back.
        if (link.hidden) links[1 - i].focus();
      });
    });
  }

  function time() {
    const box = find(".timer");
    if (!box) return;
    const words = JSON.parse(box.dataset.words);
    const left = find(".left", box);
    const asWritten = left.textContent;
    const whole = box.dataset.minutes * 60;
    let seconds = whole;
    let ends = 0;
    let ticking = 0;

    const button = (word) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = word;
      return made;
    };
    const start = button(words.start);
    const reset = button(words.reset);
    reset.hidden = true;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    buttons.append(start, reset);
    const said = document.createElement("p");
    said.className = "said";
    said.setAttribute("role", "status");
    box.append(buttons, said);

    const show = () => {
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    const halt = () => {
      clearInterval(ticking);
      ticking = 0;
    };

    function tick() {
      // By the clock: a tab in the background ticks late.
      const now = Math.max(0, Math.round((ends - Date.now()) / 1000));
      const before = seconds;
      seconds = now;
      show();
      if (before > 60 && now <= 60 && now > 30) said.textContent = words.minute;
      if (before > 30 && now <= 30 && now > 0) said.textContent = words.half;
      if (now > 0) return;
      halt();
      said.textContent = words.over;
      const isHere = document.activeElement === start;
      start.hidden = true;
      if (isHere) reset.focus();
    }

    start.addEventListener("click", () => {
      reset.hidden = false;
      if (ticking) {
        halt();
        start.textContent = words.resume;
        said.textContent = words.paused;
        return;
      }
      ends = Date.now() + seconds * 1000;
      ticking = setInterval(tick, 250);
      show();
      start.textContent = words.pause;
      said.textContent = words.started;
    });

    reset.addEventListener("click", () => {
      halt();
      seconds = whole;
      left.textContent = asWritten;
      start.textContent = words.start;
      start.hidden = false;
      reset.hidden = true;
      said.textContent = "";
      start.focus();
    });
  }

  // Printed, nothing stays folded.
  function unfold() {
    let folded = [];
    window.addEventListener("beforeprint", () => {
      folded = all("details:not([open])");
      for (const details of folded) details.open = true;
    });
    window.addEventListener("afterprint", () => {
      for (const details of folded) details.open = false;
    });
  }

  time();
  turn();
  unfold();
  follow();
})();
