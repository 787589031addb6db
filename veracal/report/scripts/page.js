// ---- the theme ----

function theme() {
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const say = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    say();
  });
  dark.addEventListener("change", say);
  say();
  button.hidden = false;
}

// Marks what goes on to the right, for the hint beside it.
function hints() {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) target.classList.toggle("goes-on", target.scrollWidth > target.clientWidth + 1);
  });
  for (const region of document.querySelectorAll(".wide, .drawing")) observer.observe(region);
}

theme();
hints();
const views = { items: itemView, answers: answerView };
for (const place of document.querySelectorAll("[data-browser]")) {
  const name = place.dataset.browser;
  unpacked(name)
    .then((data) => new Browser(place, views[name](data)))
    .catch((error) => {
      fault(place, name, error);
      place.removeAttribute("aria-busy");
    });
}
