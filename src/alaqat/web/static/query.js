// Ctrl+Enter (or Cmd+Enter) in the text runs the query; Tab stays free for moving on.
const form = document.getElementById("ask");
form?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
