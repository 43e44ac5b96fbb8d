"use strict";
// In a learning portal: says over the SCORM 1.2 interface that the text was read to its end. Anywhere else: only shows it.
(() => {
  const begun = Date.now();
  const areas = [...document.querySelectorAll("main")];
  let isCompleted = false;
  let isOver = false;

  // The portal hangs "API" on a window above this one, or on the one that opened it. Some are another site's.
  const search = (from) => {
    let place = from;
    for (let step = 0; place && step < 500; step += 1) {
      try {
        if (place.API) return place.API;
      } catch {
        // What belongs to another site cannot be asked, but its parent may be.
      }
      if (!place.parent || place.parent === place) return null;
      place = place.parent;
    }
    return null;
  };
  const find = () => {
    const near = search(window);
    if (near) return near;
    let opener = null;
    try {
      opener = window.top.opener;
    } catch {
      opener = null;
    }
    return search(window.opener) || search(opener);
  };
  const portal = find();
  const ask = (name, ...given) => {
    try {
      return String(portal[name](...given));
    } catch {
      return "";
    }
  };
  const isOpen = portal !== null && ask("LMSInitialize", "") === "true";

  const complete = () => {
    if (isCompleted || !isOpen) return;
    isCompleted = true;
    const isKept = ask("LMSSetValue", "cmi.core.lesson_status", "completed") === "true" && ask("LMSCommit", "") === "true";
    if (isKept) for (const end of document.querySelectorAll(".end")) end.textContent = end.dataset.completed;
  };
  const timespan = () => {
    const seconds = Math.round((Date.now() - begun) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    return `${String(Math.floor(seconds / 3600)).padStart(4, "0")}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  };
  const finish = () => {
    if (!isOpen || isOver) return;
    isOver = true;
    ask("LMSSetValue", "cmi.core.session_time", timespan());
    ask("LMSCommit", "");
    ask("LMSFinish", "");
  };
  if (isOpen) {
    const status = ask("LMSGetValue", "cmi.core.lesson_status");
    if (status === "completed" || status === "passed") isCompleted = true;
    else ask("LMSSetValue", "cmi.core.lesson_status", "incomplete");
    // Who reaches the end has read it, in whichever language.
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((each) => each.isIntersecting)) complete();
    });
    for (const end of document.querySelectorAll(".end")) watch.observe(end);
    addEventListener("pagehide", finish);
  }

  // One language at a time, and the reader's place is kept.
  const places = (area) => [...area.querySelectorAll("h1, h2, h3, li, .text")];
  const show = (language) => {
    for (const area of areas) area.hidden = area.lang !== language;
    document.documentElement.lang = language;
    document.title = areas.find((area) => area.lang === language).querySelector("h1").textContent;
  };
  const change = (language) => {
    const [from, to] = [areas.find((area) => !area.hidden), areas.find((area) => area.lang === language)];
    const all = places(from);
    const first = Math.max(0, all.findIndex((each) => each.getBoundingClientRect().bottom > 0));
    const offset = all[first].getBoundingClientRect().top;
    show(language);
    const same = places(to)[first];
    if (same) scrollBy(0, same.getBoundingClientRect().top - offset);
    to.querySelector("button").focus({ preventScroll: true });
  };
  if (areas.length > 1) {
    for (const button of document.querySelectorAll("[data-to]")) {
      button.parentElement.hidden = false;
      button.addEventListener("click", () => change(button.dataset.to));
    }
    show(document.documentElement.lang);
  }
})();
