/* Draws the genealogy that the page carries (ui/trace/picture.py).  The table beside it says the same without it.
   Cytoscape is no module: its own script, loaded before this one, leaves it here. */
const { cytoscape } = window;

function drawTrace(figure) {
  const canvas = figure.querySelector("[data-picture]");
  const given = JSON.parse(canvas.dataset.picture);
  const css = getComputedStyle(document.documentElement);
  const of = (name) => css.getPropertyValue(`--${name}`).trim();
  const tone = (name) => ({ "background-color": of(`${name}-wash`), "border-color": of(name), color: of(name) });
  const picture = cytoscape({
    container: canvas,
    elements: { nodes: given.nodes.map((data) => ({ data })), edges: given.edges.map((data) => ({ data })) },
    layout: { name: "dagre", rankDir: "LR", nodeSep: 14, rankSep: 70, animate: false },
    minZoom: 0.15,
    maxZoom: 2,
    userZoomingEnabled: false, /* the wheel scrolls the page; the buttons zoom */
    boxSelectionEnabled: false,
    autoungrabify: true,
    style: [
      { selector: "node", style: {
        shape: "round-rectangle", width: 156, height: given.fold ? 62 : 48, label: "data(label)", "text-wrap": "wrap", "text-max-width": 148,
        "text-valign": "center", "text-halign": "center", "font-size": 12, "font-family": of("sans"), "border-width": 1.5,
        "line-height": 1.25, "background-color": of("paper"), "border-color": of("line-strong"), color: of("ink") } },
      ...["good", "wait", "work", "hold", "bad"].map((name) => ({ selector: `node[tone = "${name}"]`, style: tone(name) })),
      { selector: "node[?start]", style: { "border-width": 3.5 } },
      { selector: 'node[tone = "customer"]', style: { shape: "ellipse", width: 176, "text-max-width": 128, "background-color": of("accent-wash"), "border-color": of("accent"), color: of("accent") } },
      { selector: "edge", style: {
        width: 1.3, "line-color": of("line-strong"), "target-arrow-color": of("line-strong"), "target-arrow-shape": "triangle",
        "arrow-scale": 0.8, "curve-style": "bezier", label: "data(label)", "font-size": 10, "font-family": of("sans"), color: of("muted"),
        "text-background-color": of("paper"), "text-background-opacity": 1, "text-background-padding": 2 } },
      { selector: 'edge[kind = "ship"]', style: { "line-style": "dashed", "line-color": of("accent"), "target-arrow-color": of("accent") } },
      { selector: 'edge[kind = "processed-in-load"]', style: { "line-style": "dotted" } },
    ],
  });
  /* as high as the drawing at its width, so that a short chain doesn't stand in an empty field */
  const high = () => {
    const box = picture.elements().boundingBox();
    const scale = Math.min(1.1, (canvas.clientWidth - 32) / box.w);
    canvas.style.height = `${Math.round(Math.min(Math.max(box.h * scale + 32, 150), window.innerHeight * 0.55))}px`;
  };
  const fit = () => { high(); picture.resize(); picture.fit(undefined, 16); if (picture.zoom() > 1.1) { picture.zoom(1.1); picture.center(); } };
  fit();
  picture.on("tap", "node", (event) => { const href = event.target.data("href"); if (href) window.location.assign(href); });
  picture.on("mouseover", "node", () => canvas.classList.add("over"));
  picture.on("mouseout", "node", () => canvas.classList.remove("over"));
  const middle = () => ({ x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 });
  const zoom = (factor) => picture.zoom({ level: picture.zoom() * factor, renderedPosition: middle() });
  figure.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-zoom]");
    if (!button) return;
    if (button.dataset.zoom === "fit") fit(); else zoom(Number(button.dataset.zoom));
  });
  let width = canvas.clientWidth;
  new ResizeObserver(() => { if (canvas.clientWidth !== width) { width = canvas.clientWidth; fit(); } }).observe(canvas);
  canvas.dataset.drawn = String(picture.nodes().length);
}

function drawTraces() {
  document.querySelectorAll("figure.trace-picture").forEach((figure) => {
    if (!figure.querySelector("[data-drawn]")) drawTrace(figure);
  });
}

drawTraces();
document.addEventListener("htmx:after:swap", drawTraces); /* a large answer comes after its page */
