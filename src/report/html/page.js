"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const names = [];
  const rowsOf = [];
  let last = [];
  for (const entry of data.users) {
    if (typeof entry === "string") {
      names.push(entry);
    } else {
      names.push(entry[0]);
      last = entry.slice(1);
    }
    rowsOf.push(last);
  }

  const form = document.getElementById("filter");
  const output = form.querySelector("output");
  const fold = document.getElementById("fold");
  const rows = [...document.querySelectorAll("details.row")].map((element) => ({
    element,
    id: Number(element.id.slice(1)),
    app: element.dataset.app.toLowerCase(),
    action: element.dataset.action,
    // Taken before the list of users is put in.
    text: element.textContent.toLowerCase(),
  }));
  const listed = new Set(rows.map((row) => row.id));
  const visible = () => rows.filter((row) => !row.element.hidden);

  const actions = () =>
    [...form.elements.action].filter((box) => box.checked).map((box) => box.value);

  // Rows of the users whose name holds a text; null is all.
  const idsOf = (user) => {
    if (!user) return null;
    const ids = new Set();
    names.forEach((name, at) => {
      if (name.toLowerCase().includes(user)) for (const id of rowsOf[at]) ids.add(id);
    });
    return ids;
  };

  const filter = () => {
    const value = (name) => form.elements[name].value.trim().toLowerCase();
    const [user, app, text] = [value("user"), value("app"), value("text")];
    const wanted = actions();
    const ids = idsOf(user);
    for (const row of rows) {
      row.element.hidden =
        (ids !== null && !ids.has(row.id)) ||
        !row.app.includes(app) ||
        !row.text.includes(text) ||
        (wanted.length > 0 && !wanted.includes(row.action));
    }
    for (const section of document.querySelectorAll("section.rows")) {
      section.hidden = !section.querySelector("details.row:not([hidden])");
    }
    const isAll = !user && !app && !text && wanted.length === 0;
    const isCut = ids !== null && (!data.complete || [...ids].some((id) => !listed.has(id)));
    const cut = isCut ? "; more changes of such users are not listed on this page" : "";
    output.value = `${visible().length} of ${rows.length} rows${cut}`;
    const state = new URLSearchParams();
    for (const name of ["user", "app", "text"]) {
      if (value(name)) state.set(name, form.elements[name].value.trim());
    }
    if (wanted.length > 0) state.set("action", wanted.join(","));
    if (!isAll || /^#(user|app|text|action)=/.test(location.hash)) {
      // So that a link to what is shown can be copied.
      history.replaceState(null, "", isAll ? "#" : `#${state}`);
    }
  };

  // A link to the page may carry a filter: #user=alice&action=hide,remove
  const restore = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    if (![...state.keys()].some((key) => form.elements[key])) return false;
    for (const name of ["user", "app", "text"]) form.elements[name].value = state.get(name) || "";
    const wanted = (state.get("action") || "").split(",");
    for (const box of form.elements.action) box.checked = wanted.includes(box.value);
    filter();
    return true;
  };

  // All users of a row, when it is opened.
  const most = 2000;
  const list = (row) => {
    const place = row.element.querySelector(".users");
    if (place.textContent) return;
    const found = names.filter((_, at) => rowsOf[at].includes(row.id));
    if (found.length <= 3) return;
    const more = found.length > most ? ` and ${found.length - most} more` : "";
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = `all ${found.length} users`;
    const text = document.createElement("p");
    text.textContent = found.slice(0, most).join(", ") + more;
    details.append(summary, text);
    place.append(details);
  };
  for (const row of rows) {
    row.element.addEventListener("toggle", () => row.element.open && list(row));
    if (row.element.open) list(row);
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  fold.addEventListener("click", () => {
    const open = visible().some((row) => !row.element.open);
    for (const row of visible()) row.element.open = open;
    fold.textContent = open ? "Fold all" : "Open all";
  });

  const step = (by) => {
    const shown = visible();
    const at = shown.findIndex((row) => row.element.contains(document.activeElement));
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next) next.element.querySelector("summary").focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      form.reset();
      return;
    }
    if (event.target.matches("input:not([type=checkbox])")) return;
    if (event.key === "/") {
      event.preventDefault();
      form.elements.text.focus();
    } else if (event.key === "j") {
      step(1);
    } else if (event.key === "k") {
      step(-1);
    }
  });

  // On paper nothing can be opened.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = visible().filter((row) => !row.element.open);
    for (const row of folded) row.element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const row of folded) row.element.open = false;
  });
  addEventListener("hashchange", restore);

  form.hidden = false;
  if (!restore()) filter();
})();
