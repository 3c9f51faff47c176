// The network: kinds of ties can be hidden; tips and PNG as on the map.

import "./map.ts";

const rings = document.querySelector<HTMLElement>("[data-rings]");
for (const box of rings?.querySelectorAll<HTMLInputElement>("input") ?? []) {
  box.disabled = false;
  box.addEventListener("change", () => {
    for (const tie of document.querySelectorAll<SVGElement>("[data-tie]")) {
      if (tie.dataset["tie"] === box.value) tie.classList.toggle("away", !box.checked);
    }
  });
}
