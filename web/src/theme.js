// Runs before anything is shown, so that the chosen theme never flashes by its opposite.
// A classic script for that reason: a module would wait for the page.
{
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
