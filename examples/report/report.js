// The map of a report: draws the points with regl-scatterplot, and shows the frame of the one pointed at.
'use strict';
{
  const element = (id) => document.getElementById(id);
  const text = (id) => element(id).textContent;
  const map = JSON.parse(text('map-data'));

  // ---- What lies in the page ----
  const kept = new Map(); // what was decoded, by its id
  function decoded(id, Type) {
    if (!kept.has(id)) {
      const bytes = Uint8Array.from(atob(text(id)), (letter) => letter.charCodeAt(0));
      kept.set(id, new Type(bytes.buffer));
    }
    return kept.get(id);
  }
  function atlas(kind, number) {
    const id = `images-${kind}-${number}`;
    if (!kept.has(id)) {
      const image = new Image();
      image.src = `data:image/jpeg;base64,${text(id)}`;
      kept.set(id, image.decode().then(() => image));
    }
    return kept.get(id);
  }

  // ---- What is shown ----
  let code = 0;
  let label = 0;
  let step = map.codes[0].steps.length - 1;
  let pinned = -1; // the frame that was clicked

  function points() {
    const all = decoded(`points-${code}`, Uint16Array);
    const colors = decoded(`colors-${label}`, Uint16Array);
    const x = new Float32Array(map.frames);
    const y = new Float32Array(map.frames);
    for (let i = 0, at = 2 * map.frames * step; i < map.frames; ++i) {
      x[i] = all[at++] / 32767.5 - 1;
      y[i] = all[at++] / 32767.5 - 1;
    }
    return { x, y, z: colors };
  }

  // ---- The plot ----
  function makePlot() {
    const canvas = element('map-canvas');
    try {
      const made = createScatterplot({
        canvas,
        colorBy: 'valueA',
        pointSize: map.frames > 5000 ? 3 : 5,
        opacity: map.frames > 5000 ? 0.7 : 0.9,
        pointSizeSelected: 6,
        showReticle: true,
        reticleColor: [0, 0, 0, 0.25],
        backgroundColor: '#ffffff',
      });
      made.set({ actionKeyMap: {} }); // the map does not turn, and points are chosen by a click alone
      return made;
    } catch (error) {
      console.warn(error); // no WebGL, or not all that the library needs of it
      canvas.hidden = element('map-zoom').hidden = true;
      element('map-missing').hidden = false;
      return null;
    }
  }
  const plot = makePlot();

  let wanted = null; // the next drawing; more that are asked for meanwhile become one
  let drawing = null;
  function redraw(seconds = 0) {
    wanted = { seconds };
    drawing ??= drawWanted();
    return drawing;
  }
  async function drawWanted() {
    while (wanted) {
      const { seconds } = wanted;
      wanted = null;
      if (plot) {
        const selected = pinned < 0 ? {} : { select: pinned };
        const glide = seconds > 0 ? { transition: true, transitionDuration: 1000 * seconds, transitionEasing: 'linear' } : {};
        const { palette } = map.labels[label];
        const black = palette.map(() => '#000000');
        plot.set({ pointColor: palette, pointColorActive: black, pointColorHover: black });
        await plot.draw(points(), { zDataType: 'categorical', ...selected, ...glide });
      }
    }
    drawing = null;
  }

  // ---- Training ----
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let playing = false;
  function showStep() {
    const { steps, stepName } = map.codes[code];
    element('map-training').hidden = steps.length < 2;
    element('map-step').max = steps.length - 1;
    element('map-step').value = step;
    const words = `${stepName} ${steps[step]}`;
    element('map-when').value = words;
    element('map-step').setAttribute('aria-valuetext', words);
  }
  function setPlaying(on) {
    playing = on;
    element('map-play').textContent = on ? 'Pause' : 'Play';
  }
  async function play() {
    setPlaying(true);
    const last = map.codes[code].steps.length - 1;
    if (step === last) {
      step = 0;
      showStep();
      await redraw();
    }
    while (playing && step < last) {
      ++step;
      showStep();
      await redraw(still ? 0 : 0.3);
      if (still || !plot) {
        await new Promise((done) => setTimeout(done, 400));
      }
    }
    setPlaying(false);
  }

  // ---- Colours ----
  const short = (value) => Number(value.toPrecision(4)).toString().replace('-', '−');
  const withUnit = (value, unit) => (unit === '°' ? `${value}°` : `${value} ${unit}`.trim());
  function made(tag, content, style = {}) {
    const made = document.createElement(tag);
    made.textContent = content;
    Object.assign(made.style, style);
    return made;
  }
  function showKey() {
    const { kind, name, unit, palette, names, low, high, period, clockwise } = map.labels[label];
    const known = palette.slice(0, -1);
    const key = element('map-key');
    key.replaceChildren(made('h3', name));
    if (kind === 'names') {
      const list = key.appendChild(document.createElement('ul'));
      names.forEach((words, i) => {
        const entry = list.appendChild(document.createElement('li'));
        entry.append(made('span', '', { background: known[i] }), words);
      });
    } else if (kind === 'bar') {
      key.append(made('div', '', { background: `linear-gradient(to right, ${known})` }));
      key.lastChild.className = 'map-bar';
      key.append(made('div', ''));
      key.lastChild.className = 'map-ends';
      key.lastChild.append(made('span', withUnit(short(low), unit)), made('span', withUnit(short(high), unit)));
    } else {
      const wheel = key.appendChild(document.createElement('div'));
      wheel.className = 'map-wheel';
      const once = [...known, known[0]]; // from the right, as in the figures
      const turned = clockwise ? once : once.reverse();
      wheel.append(made('i', '', { background: `conic-gradient(from 90deg, ${turned})` }));
      for (const quarter of clockwise ? [0, 3, 2, 1] : [0, 1, 2, 3]) { // right, above, left, below
        wheel.append(made('span', withUnit(short((quarter * period) / 4), unit)));
      }
    }
    const colors = decoded(`colors-${label}`, Uint16Array);
    if (colors.includes(known.length)) {
      const entry = key.appendChild(made('p', ''));
      entry.append(made('span', '', { background: palette.at(-1) }), 'not known');
    }
  }

  // ---- The frame ----
  function labelText(number, frame) {
    const { kind, unit, names } = map.labels[number];
    const value = decoded(`values-${number}`, Float32Array)[frame];
    if (Number.isNaN(value)) {
      return 'not known';
    }
    return kind === 'names' ? names[decoded(`colors-${number}`, Uint16Array)[frame]] : withUnit(short(value), unit);
  }
  let shown = -1;
  function showFrame(frame) {
    shown = frame;
    element('map-frame').value = frame;
    element('map-values').replaceChildren(
      ...map.labels.map(({ name }, number) => {
        const row = document.createElement('tr');
        row.append(made('th', name), made('td', labelText(number, frame)));
        row.firstChild.scope = 'row';
        return row;
      }),
    );
    map.images.forEach(async ({ name, width, height, columns, cellWidth, cellHeight }, kind) => {
      const perAtlas = columns * columns;
      const image = await atlas(kind, Math.floor(frame / perAtlas));
      if (frame !== shown) {
        return; // the reader has gone on
      }
      const canvas = element(`map-image-${kind}`);
      const place = frame % perAtlas;
      const left = (place % columns) * cellWidth;
      const top = Math.floor(place / columns) * cellHeight;
      canvas.getContext('2d').drawImage(image, left, top, width, height, 0, 0, width, height);
      canvas.dataset.frame = frame;
      canvas.setAttribute('aria-label', `Frame ${frame}, ${name}`);
    });
  }
  function makeImages() {
    map.images.forEach(({ name, width, height }, kind) => {
      const figure = document.createElement('figure');
      const canvas = figure.appendChild(document.createElement('canvas'));
      Object.assign(canvas, { id: `map-image-${kind}`, width, height });
      canvas.setAttribute('role', 'img');
      figure.append(made('figcaption', name));
      element('map-images').append(figure);
    });
  }
  function pin(frame) {
    pinned = frame;
    showFrame(frame);
  }

  // ---- What the reader does ----
  function look(across, up, closer) {
    const [x, y] = plot.get('cameraTarget');
    const distance = plot.get('cameraDistance');
    plot.zoomToLocation([x + across * distance, y + up * distance], distance / closer);
  }
  function listenToPlot() {
    plot.subscribe('pointOver', showFrame);
    plot.subscribe('pointOut', () => pinned >= 0 && showFrame(pinned));
    plot.subscribe('select', ({ points: [frame] }) => frame !== undefined && pin(frame));
    plot.subscribe('deselect', () => (pinned = -1));
    element('map-in').onclick = () => look(0, 0, 1.5);
    element('map-out').onclick = () => look(0, 0, 1 / 1.5);
    element('map-all').onclick = () => plot.zoomToOrigin();
    const keys = {
      ArrowLeft: () => look(-0.2, 0, 1),
      ArrowRight: () => look(0.2, 0, 1),
      ArrowUp: () => look(0, 0.2, 1),
      ArrowDown: () => look(0, -0.2, 1),
      '+': () => look(0, 0, 1.5),
      '-': () => look(0, 0, 1 / 1.5),
      0: () => plot.zoomToOrigin(),
    };
    element('map-canvas').onkeydown = (event) => {
      if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        keys[event.key]();
      }
    };
  }
  function listenToChoices() {
    element('map-code').onchange = ({ target }) => {
      setPlaying(false);
      code = target.selectedIndex;
      step = map.codes[code].steps.length - 1;
      showStep();
      redraw();
    };
    element('map-label').onchange = ({ target }) => {
      label = target.selectedIndex;
      showKey();
      redraw();
    };
    element('map-step').oninput = ({ target }) => {
      setPlaying(false);
      step = target.valueAsNumber;
      showStep();
      redraw();
    };
    element('map-play').onclick = () => (playing ? setPlaying(false) : play());
    element('map-frame').max = map.frames - 1;
    element('map-frame').onchange = ({ target }) => {
      const frame = Math.min(Math.max(Math.round(target.valueAsNumber) || 0, 0), map.frames - 1);
      pin(frame);
      plot?.select(frame, { preventEvent: true });
    };
  }

  element('map-code').append(...map.codes.map(({ name }) => made('option', name)));
  element('map-label').append(...map.labels.map(({ name }) => made('option', name)));
  element('map-code').selectedIndex = element('map-label').selectedIndex = 0; // also after a reload
  makeImages();
  listenToChoices();
  if (plot) {
    listenToPlot();
  }
  showStep();
  showKey();
  showFrame(0);
  redraw();
}
