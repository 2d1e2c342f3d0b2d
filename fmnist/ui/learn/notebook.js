// Keeps the lab notebook in this browser alone. What was kept is told to the page once; from then
// on the page says what is to be kept.

const NAME = "fmnist-lab-notebook";

function kept() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // a browser that keeps nothing
  }
}

export default function ({ data, parentElement, setStateValue }) {
  if (!data.asked) {
    if (!parentElement.told) setStateValue("kept", kept() || "{}");
    parentElement.told = true;
    return;
  }
  try {
    if (data.entries === "{}") localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, data.entries);
  } catch {
    // full, or forbidden: the page says to take it along
  }
}
