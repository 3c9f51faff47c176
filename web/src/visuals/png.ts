// PNG export: the SVG is drawn on a canvas in the browser.

/** Offer a PNG beside every SVG that can be saved. */
export function pngButtons(root: ParentNode): void {
  for (const files of root.querySelectorAll<HTMLElement>(".picture-files[data-png]")) {
    const svg = files.querySelector<HTMLAnchorElement>("a[download]");
    if (!svg) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = files.dataset["png"] ?? "PNG";
    button.addEventListener("click", () => save(svg.href));
    svg.after(" ", button);
  }
}

async function save(address: string): Promise<void> {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth * 2;
  canvas.height = picture.naturalHeight * 2;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${new URL(address).pathname.split("/").at(-1)?.replace(".svg", "")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }, "image/png");
}
