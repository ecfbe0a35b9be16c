"use strict";
const touch = matchMedia("(hover: none)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

for (const video of document.querySelectorAll("video")) {
  let hovered = false;
  const rest = () => { video.controls = touch.matches || !video.paused || document.activeElement === video; };
  const toggle = () => { if (video.paused) video.play().catch(() => {}); else video.pause(); };

  // Controls lie over the picture: they show while someone is at the video, and always without this script.
  video.controls = touch.matches;
  video.tabIndex = 0;
  video.addEventListener("focus", () => { video.controls = true; });
  video.addEventListener("blur", rest);
  video.addEventListener("click", () => {
    if (video.controls) return;
    video.controls = true;
    toggle();
  });
  video.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    toggle();
    event.preventDefault();
  });
  video.addEventListener("pointerenter", (event) => {
    if (event.pointerType !== "mouse") return;
    video.controls = true;
    if (still.matches || !video.paused) return;
    hovered = true;
    video.play().catch(() => {});
  });
  video.addEventListener("pointerdown", () => { hovered = false; });
  video.addEventListener("pointerleave", () => {
    if (hovered) {
      hovered = false;
      video.pause();
      video.currentTime = 0;
    }
    rest();
  });
}

const filters = document.getElementById("filters");
const count = document.getElementById("count");

function filter() {
  const wanted = new FormData(filters);
  const matches = (card) => ["platform", "format"].every((key) => !wanted.get(key) || card.dataset[key] === wanted.get(key));
  let shown = 0;
  let all = 0;
  for (const section of document.querySelectorAll("section")) {
    let here = 0;
    for (const card of section.querySelectorAll(".card")) {
      card.hidden = !matches(card);
      here += card.hidden ? 0 : 1;
      const videos = card.querySelector("video") ? 1 : 0;
      all += videos;
      shown += card.hidden ? 0 : videos;
    }
    section.hidden = here === 0;
  }
  count.textContent = shown === all ? `${all} ${all === 1 ? "video" : "videos"}` : `${shown} of ${all}`;
  document.querySelector(".nothing").hidden = document.querySelector("section:not([hidden])") !== null;
}

filters.addEventListener("change", filter);
filters.addEventListener("submit", (event) => event.preventDefault());
filter();
