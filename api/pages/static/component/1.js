// <magic-moment kind slug lang switch theme release>: a frame as high as what is in it, or else the link inside.
// A version that was released never changes: sites name it together with its sum.
(() => {
  "use strict";
  const NAME = "magic-moment";
  const script = document.currentScript;
  if (!script || !script.src || customElements.get(NAME)) return;

  const base = script.src.replace(/\/embed(-\w+)?\.js([?#].*)?$/, "");
  const origin = new URL(base).origin;
  const PATHS = { moment: "moments/", prompt: "prompts/", prompts: "prompts", "ground-rules": "ground-rules", session: "session" };
  const PARAMETERS = ["stage", "show", "collection", "category", "seed", "moments", "stages", "minutes", "switch", "theme", "release"];
  const TITLES = {
    cy: {
      moment: "Eiliad hud",
      prompt: "Sbardun ar gyfer sgwrs",
      prompts: "Sbardunau ar gyfer sgwrs",
      "ground-rules": "Rheolau sylfaenol ar gyfer sgwrs",
      session: "Sesiwn drafod",
    },
    en: {
      moment: "Magic moment",
      prompt: "Prompt for discussion",
      prompts: "Prompts for discussion",
      "ground-rules": "Ground rules for talk",
      session: "Discussion session",
    },
  };
  const HIGHEST = 20000;

  // A style element would need leave from the page's own policy; a sheet made by script does not.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    ":host{display:block;position:relative}:host([hidden]),[hidden]{display:none}" +
      "iframe{display:block;width:100%;border:0;height:0;position:absolute;inset:0 0 auto;visibility:hidden}" +
      "iframe.sized{position:static;visibility:visible}",
  );

  const known = (tag) => (/^(cy|en)\b/i.exec(tag) || [""])[0].toLowerCase();

  class MagicMoment extends HTMLElement {
    static observedAttributes = ["kind", "slug", "lang", ...PARAMETERS];
    #slot = document.createElement("slot");
    #frame = null;
    #isDue = false;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(this.#slot);
    }

    connectedCallback() {
      window.addEventListener("message", this);
      this.#renew();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this);
      this.#drop();
    }

    attributeChangedCallback(name, before, after) {
      if (this.isConnected && before !== after) this.#renew();
    }

    // Only what this frame itself says, from the service, counts.
    handleEvent(event) {
      const said = event.data;
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== origin) return;
      if (!said || said[NAME] !== "height" || !Number.isFinite(said.value) || said.value <= 0) return;
      this.#frame.style.height = `${Math.min(Math.ceil(said.value), HIGHEST)}px`;
      this.#frame.className = "sized";
      this.#slot.hidden = true;
      // The reader may have changed the language inside: the frame's name goes with it.
      const language = known(said.lang);
      if (language && language !== this.#frame.lang) this.#name(language);
    }

    // Several attributes that change at once are one new frame.
    #renew() {
      if (this.#isDue) return;
      this.#isDue = true;
      queueMicrotask(() => {
        this.#isDue = false;
        if (this.isConnected) this.#show();
      });
    }

    #show() {
      this.#drop();
      const url = this.#address();
      if (!url) return;
      const language = url.searchParams.get("lang") || known(navigator.languages.find(known)) || "en";
      this.#frame = document.createElement("iframe");
      this.#frame.referrerPolicy = "no-referrer";
      this.#name(language);
      this.#frame.src = url.href;
      this.#offer(url, language);
      this.shadowRoot.append(this.#frame);
    }

    #drop() {
      if (this.#frame) this.#frame.remove();
      this.#frame = null;
      this.#slot.hidden = false;
    }

    // The link inside names what it leads to, in its own language; in another, only the kind can be said.
    #name(language) {
      const link = this.querySelector("a[href]");
      const isSame = link && known(link.closest("[lang]")?.lang) === language;
      this.#frame.lang = language;
      this.#frame.title = (isSame && link.textContent.trim()) || TITLES[language][this.getAttribute("kind")];
    }

    // An author who wrote no link gets one.
    #offer(url, language) {
      const link = document.createElement("a");
      link.href = url.href;
      link.lang = link.hreflang = language;
      link.textContent = TITLES[language][this.getAttribute("kind")];
      this.#slot.replaceChildren(link);
    }

    #address() {
      const kind = this.getAttribute("kind");
      const slug = this.getAttribute("slug") || "";
      if (!Object.hasOwn(PATHS, kind)) return null;
      const isOne = PATHS[kind].endsWith("/");
      if (isOne && !slug) return null;
      const url = new URL(`${base}/embed/${PATHS[kind]}${isOne ? encodeURIComponent(slug) : ""}`);
      const language = known(this.closest("[lang]")?.lang);
      if (language) url.searchParams.set("lang", language);
      for (const name of PARAMETERS) {
        const value = this.getAttribute(name);
        if (value) url.searchParams.set(name, value);
      }
      url.search = url.search.replaceAll("%2C", ",");
      return url;
    }
  }

  customElements.define(NAME, MagicMoment);
})();
