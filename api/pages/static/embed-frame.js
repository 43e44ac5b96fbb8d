"use strict";
// Enhancements of an embed page: the frame fits its text, a set is turned in place, a session has a timer.
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const find = (selector, within = document) => within.querySelector(selector);

  // WordPress identifies a frame by a secret in the fragment; links must pass it on.
  const secret = (/[#?&]secret=([A-Za-z0-9]+)/.exec(location.hash) || [])[1];
  let reported = 0;

  function reportHeight(isRequested) {
    const value = Math.ceil(root.getBoundingClientRect().height);
    if (window.parent === window || !value || (value === reported && isRequested !== true)) return;
    reported = value;
    // Any parent may receive the height: it is no secret, and the server decides who may frame the page.
    window.parent.postMessage({ "magic-moment": "height", value, lang: root.lang }, "*");
    if (secret) window.parent.postMessage({ message: "height", value, secret }, "*");
  }

  function reportHeights() {
    new ResizeObserver(() => reportHeight()).observe(root);
    window.addEventListener("load", () => reportHeight(true));
    window.addEventListener("resize", () => reportHeight());
    window.addEventListener("message", (event) => {
      const message = event.data;
      const isRequest = event.source === window.parent && message && message.message === "ready";
      if (isRequest && message.secret === secret) reportHeight(true);
    });
    if (secret) for (const link of all("a[href]")) link.hash = location.hash;
  }

  // The links of a set lead to the same page at another position; the script changes the position in place.
  function turnSet() {
    const set = find(".set");
    const nav = find(".turn");
    if (!set || !nav) return;
    const cards = all("section", set);
    const links = [find('[rel="prev"]', nav), find('[rel="next"]', nav)];
    const position = find(".place", nav);
    const [shortText, spokenText] = position.children;
    const movers = [...links, ...all(".switch a")];
    let at = cards.findIndex((card) => !card.hidden);

    function go(to) {
      cards[at].hidden = true;
      at = to;
      cards[at].hidden = false;
      shortText.textContent = `${at + 1} / ${cards.length}`;
      spokenText.textContent = position.dataset.place.replace("{at}", at + 1).replace("{total}", cards.length);
      for (const [link, next] of [[movers[0], at], [movers[1], at + 2], ...movers.slice(2).map((link) => [link, at + 1])]) {
        const url = new URL(link.href);
        const valid = Math.min(Math.max(next, 1), cards.length);
        if (valid === 1) url.searchParams.delete("at");
        else url.searchParams.set("at", valid);
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
        // At either end the link just used is hidden: move the focus to the other one.
        if (link.hidden) links[1 - i].focus();
      });
    });
  }

  function addTimer() {
    const box = find(".timer");
    if (!box) return;
    const words = JSON.parse(box.dataset.words);
    const left = find(".left", box);
    const initialText = left.textContent;
    const duration = box.dataset.minutes * 60;
    let seconds = duration;
    let ends = 0;
    let interval = 0;

    const button = (word) => {
      const element = document.createElement("button");
      element.type = "button";
      element.textContent = word;
      return element;
    };
    const start = button(words.start);
    const reset = button(words.reset);
    reset.hidden = true;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    buttons.append(start, reset);
    const status = document.createElement("p");
    status.className = "status";
    status.setAttribute("role", "status");
    box.append(buttons, status);

    const show = () => {
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    const halt = () => {
      clearInterval(interval);
      interval = 0;
    };

    function tick() {
      // Read the clock: intervals are late in a background tab.
      const now = Math.max(0, Math.round((ends - Date.now()) / 1000));
      const before = seconds;
      seconds = now;
      show();
      if (before > 60 && now <= 60 && now > 30) status.textContent = words.minute;
      if (before > 30 && now <= 30 && now > 0) status.textContent = words.half;
      if (now > 0) return;
      halt();
      status.textContent = words.over;
      const hasFocus = document.activeElement === start;
      start.hidden = true;
      if (hasFocus) reset.focus();
    }

    start.addEventListener("click", () => {
      reset.hidden = false;
      if (interval) {
        halt();
        start.textContent = words.resume;
        status.textContent = words.paused;
        return;
      }
      ends = Date.now() + seconds * 1000;
      interval = setInterval(tick, 250);
      show();
      start.textContent = words.pause;
      status.textContent = words.started;
    });

    reset.addEventListener("click", () => {
      halt();
      seconds = duration;
      left.textContent = initialText;
      start.textContent = words.start;
      start.hidden = false;
      reset.hidden = true;
      status.textContent = "";
      start.focus();
    });
  }

  // Print every details element open.
  function openForPrint() {
    let folded = [];
    window.addEventListener("beforeprint", () => {
      folded = all("details:not([open])");
      for (const details of folded) details.open = true;
    });
    window.addEventListener("afterprint", () => {
      for (const details of folded) details.open = false;
    });
  }

  addTimer();
  turnSet();
  openForPrint();
  reportHeights();
})();
