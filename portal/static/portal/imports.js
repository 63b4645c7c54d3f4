// How much of a file has been sent. The page works without it: then only the browser knows.
"use strict";

document.addEventListener("htmx:xhr:progress", (event) => {
  const form = event.target.closest("[data-upload]");
  const { lengthComputable, loaded, total } = event.detail;
  if (!form || !lengthComputable || total === 0) {
    return;
  }
  const shown = form.querySelector(".upload-progress");
  const percent = Math.floor((loaded / total) * 100);
  shown.hidden = false;
  shown.querySelector("progress").value = percent;
  shown.querySelector("span").textContent = `${percent} %`;
});
