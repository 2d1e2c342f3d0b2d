// Gives the page's file uploader what is pasted or dropped anywhere on the page. Phones offer their
// own camera beside their pictures when a field asks for images.

const FIELD = '.st-key-files input[type="file"]';

function hand(files) {
  const field = document.querySelector(FIELD);
  if (!field || !files.length) return false;
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  field.files = list.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

export default function () {
  const accept = () => document.querySelector(FIELD)?.setAttribute("accept", "image/*");
  const waiting = setInterval(accept, 500); // the field comes after this, and may come anew
  accept();
  const paste = (event) => {
    if (hand([...(event.clipboardData?.files ?? [])])) event.preventDefault();
  };
  const over = (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  const drop = (event) => {
    if (event.target.closest?.(".st-key-files")) return; // the uploader takes it itself
    if (hand([...(event.dataTransfer?.files ?? [])])) event.preventDefault();
  };
  document.addEventListener("paste", paste);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  return () => {
    clearInterval(waiting);
    document.removeEventListener("paste", paste);
    document.removeEventListener("dragover", over);
    document.removeEventListener("drop", drop);
  };
}
