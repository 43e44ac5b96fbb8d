// <magic-moment kind slug lang switch theme release>: a frame as high as its content, or the link inside the element.
// A released version never changes: sites name it together with its integrity hash.
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
  const MAX_HEIGHT = 20000;

  // The page's security policy may forbid a style element; it does not apply to a style sheet made by script.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    ":host{display:block;position:relative}:host([hidden]),[hidden]{display:none}" +
      "iframe{display:block;width:100%;border:0;height:0;position:absolute;inset:0 0 auto;visibility:hidden}" +
      "iframe.sized{position:static;visibility:visible}",
  );

  const languageOf = (tag) => (/^(cy|en)\b/i.exec(tag) || [""])[0].toLowerCase();

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
      this.#update();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this);
      this.#remove();
    }

    attributeChangedCallback(name, before, after) {
      if (this.isConnected && before !== after) this.#update();
    }

    // Accept messages only from this frame and from the service's origin.
    handleEvent(event) {
      const message = event.data;
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== origin) return;
      if (!message || message[NAME] !== "height" || !Number.isFinite(message.value) || message.value <= 0) return;
      this.#frame.style.height = `${Math.min(Math.ceil(message.value), MAX_HEIGHT)}px`;
      this.#frame.className = "sized";
      this.#slot.hidden = true;
      // If the reader changed the language inside the frame, its title changes too.
      const language = languageOf(message.lang);
      if (language && language !== this.#frame.lang) this.#setTitle(language);
    }

    // Load one new frame for several attributes that change at once.
    #update() {
      if (this.#isDue) return;
      this.#isDue = true;
      queueMicrotask(() => {
        this.#isDue = false;
        if (this.isConnected) this.#show();
      });
    }

    #show() {
      this.#remove();
      const url = this.#buildUrl();
      if (!url) return;
      const language = url.searchParams.get("lang") || languageOf(navigator.languages.find(languageOf)) || "en";
      this.#frame = document.createElement("iframe");
      this.#frame.referrerPolicy = "no-referrer";
      this.#setTitle(language);
      this.#frame.src = url.href;
      this.#addLink(url, language);
      this.shadowRoot.append(this.#frame);
    }

    #remove() {
      if (this.#frame) this.#frame.remove();
      this.#frame = null;
      this.#slot.hidden = false;
    }

    // The link inside has a title in one language only; in the other, the frame is named by its kind.
    #setTitle(language) {
      const link = this.querySelector("a[href]");
      const isSame = link && languageOf(link.closest("[lang]")?.lang) === language;
      this.#frame.lang = language;
      this.#frame.title = (isSame && link.textContent.trim()) || TITLES[language][this.getAttribute("kind")];
    }

    // Show a link if the author wrote none.
    #addLink(url, language) {
      const link = document.createElement("a");
      link.href = url.href;
      link.lang = link.hreflang = language;
      link.textContent = TITLES[language][this.getAttribute("kind")];
      this.#slot.replaceChildren(link);
    }

    #buildUrl() {
      const kind = this.getAttribute("kind");
      const slug = this.getAttribute("slug") || "";
      if (!Object.hasOwn(PATHS, kind)) return null;
      const hasSlug = PATHS[kind].endsWith("/");
      if (hasSlug && !slug) return null;
      const url = new URL(`${base}/embed/${PATHS[kind]}${hasSlug ? encodeURIComponent(slug) : ""}`);
      const language = languageOf(this.closest("[lang]")?.lang);
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
