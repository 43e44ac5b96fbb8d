"use strict";
// Reports over the SCORM 1.2 interface that a text was read to its end; without a portal it only shows the text.
(() => {
  const begun = Date.now();
  const root = document.documentElement;
  const frame = document.querySelector("iframe");
  const end = document.getElementById("end");
  let isCompleted = false;
  let isOver = false;

  // The portal sets "API" on a parent of this window or of its opener. Some of them belong to other sites.
  const search = (from) => {
    let candidate = from;
    for (let step = 0; candidate && step < 500; step += 1) {
      try {
        if (candidate.API) return candidate.API;
      } catch {
        // A window of another site cannot be read, but its parent may be.
      }
      if (!candidate.parent || candidate.parent === candidate) return null;
      candidate = candidate.parent;
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
  const call = (name, ...parameters) => {
    try {
      return String(portal[name](...parameters));
    } catch {
      return "";
    }
  };
  const isOpen = portal !== null && call("LMSInitialize", "") === "true";

  const complete = () => {
    if (isCompleted || !isOpen) return;
    isCompleted = true;
    const isStored = call("LMSSetValue", "cmi.core.lesson_status", "completed") === "true" && call("LMSCommit", "") === "true";
    if (isStored) end.textContent = end.dataset[root.lang];
  };
  const timespan = () => {
    const seconds = Math.round((Date.now() - begun) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    return `${String(Math.floor(seconds / 3600)).padStart(4, "0")}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  };
  const finish = () => {
    if (!isOpen || isOver) return;
    isOver = true;
    call("LMSSetValue", "cmi.core.session_time", timespan());
    call("LMSCommit", "");
    call("LMSFinish", "");
  };
  if (isOpen) {
    const status = call("LMSGetValue", "cmi.core.lesson_status");
    if (status === "completed" || status === "passed") isCompleted = true;
    else call("LMSSetValue", "cmi.core.lesson_status", "incomplete");
    addEventListener("pagehide", finish);
  }

  // Reaching the end completes the text, in either language; before the frame has its height, the position of the end is unknown.
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) complete();
  });
  addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== frame.contentWindow || !message || message["magic-moment"] !== "height" || !(message.value > 0)) return;
    frame.style.height = `${Math.ceil(message.value)}px`;
    // The reader changes the language in the frame; this page follows.
    if (message.lang !== root.lang && Object.hasOwn(end.dataset, message.lang)) {
      root.lang = frame.lang = message.lang;
      document.title = frame.title = end.dataset[`title${message.lang[0].toUpperCase()}${message.lang.slice(1)}`];
      if (end.textContent) end.textContent = end.dataset[message.lang];
    }
    observer.observe(end);
  });
})();
