"use strict";
// In a learning portal: says over the SCORM 1.2 interface that the text was read to its end. Anywhere else: only shows it.
(() => {
  const begun = Date.now();
  const root = document.documentElement;
  const frame = document.querySelector("iframe");
  const end = document.getElementById("end");
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
    if (isKept) end.textContent = end.dataset[root.lang];
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
    addEventListener("pagehide", finish);
  }

  // Who reaches the end has read it, in whichever language; before the frame has its height, nobody can tell.
  const watch = new IntersectionObserver((seen) => {
    if (seen.some((each) => each.isIntersecting)) complete();
  });
  addEventListener("message", (event) => {
    const said = event.data;
    if (event.source !== frame.contentWindow || !said || said["magic-moment"] !== "height" || !(said.value > 0)) return;
    frame.style.height = `${Math.ceil(said.value)}px`;
    // The reader changes the language inside; what stands around it follows.
    if (said.lang !== root.lang && Object.hasOwn(end.dataset, said.lang)) {
      root.lang = frame.lang = said.lang;
      document.title = frame.title = end.dataset[`title${said.lang[0].toUpperCase()}${said.lang.slice(1)}`];
      if (end.textContent) end.textContent = end.dataset[said.lang];
    }
    watch.observe(end);
  });
})();
