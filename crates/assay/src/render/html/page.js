// Draws the follower map and growth by Chart.js, which gives axes, sizes and tooltips; the map's points are laid down here
// pixel by pixel, so that a million of them take a few hundredths of a second. Without this script the page shows the same
// charts as plain drawings.
(() => {
  'use strict';
  const block = document.getElementById('assay-data');
  if (!block || !window.Chart) return;
  const data = JSON.parse(block.textContent);
  const DAY = 86400000;
  // The reader's forms, as the page says them.
  const forms = document.documentElement.dataset;
  const number = new Intl.NumberFormat(forms.numbers || 'en');
  const written = (ms, options) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options }).format(ms);
  const dayParts = {
    '%d': { day: '2-digit' }, '%-d': { day: 'numeric' }, '%m': { month: '2-digit' }, '%b': { month: 'short' }, '%Y': { year: 'numeric' },
  };
  const dayOf = (ms) => (forms.dates || '%-d %b %Y').replace(/%-?[dmbY]/g, (part) => written(ms, dayParts[part]).padStart(part === '%d' || part === '%m' ? 2 : 1, '0'));
  const minuteOf = (ms) => dayOf(ms) + ', ' + written(ms, { hour: '2-digit', minute: '2-digit' }) + ' UTC';

  // The page's colours, read anew when it turns light or dark.
  let colours = {};
  const readColours = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['ink', 'soft', 'line', 'paper', 'dot', 'bought', 'batch', 'spike']) colours[name] = style.getPropertyValue('--' + name).trim();
    Chart.defaults.color = colours.soft;
    Chart.defaults.borderColor = colours.line;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
  };
  readColours();
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const alpha = (hex, a) => { const [r, g, b] = rgb(hex); return `rgba(${r},${g},${b},${a})`; };

  // Where the page does not hold the map's points itself, it says where they are.
  const fetched = {};
  const bytesOf = (id) => {
    if (fetched[id]) return fetched[id];
    const text = atob(document.getElementById(id).textContent);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  };

  // Round dates between two moments, about `wanted` of them, with what they say.
  const timeMarks = (min, max, wanted) => {
    const hours = [1, 3, 6, 12].map((n) => ({ days: n / 24, n, unit: 'hour' }));
    const days = [1, 2, 7, 14].map((n) => ({ days: n, n, unit: 'day' }));
    const months = [1, 3, 6].map((n) => ({ days: n * 30.44, n, unit: 'month' }));
    const years = [1, 2, 5, 10, 20].map((n) => ({ days: n * 365.25, n, unit: 'year' }));
    const steps = [...hours, ...days, ...months, ...years];
    const step = steps.find((s) => s.days * DAY * wanted >= max - min) || steps[steps.length - 1];
    const first = new Date(min);
    const [y, m, d] = [first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate()];
    const marks = [];
    for (let i = 0; i < 400; i++) {
      const at = step.unit === 'hour' ? Date.UTC(y, m, d, i * step.n)
        : step.unit === 'day' ? Date.UTC(y, m, 1 + i * step.n)
        : step.unit === 'month' ? Date.UTC(y, i * step.n)
        : Date.UTC(y - (y % step.n) + i * step.n, 0);
      if (at > max) break;
      if (at < min) continue;
      const midnight = at % DAY === 0;
      const label = step.unit === 'year' ? written(at, { year: 'numeric' })
        : step.unit === 'month' ? written(at, { month: 'short', year: 'numeric' })
        : step.unit === 'day' || midnight ? written(at, { day: 'numeric', month: 'short' })
        : written(at, { hour: '2-digit', minute: '2-digit' });
      marks.push({ value: at, label });
    }
    return marks;
  };
  const timeAxis = (min, max, wanted) => ({
    type: 'linear', min, max,
    afterBuildTicks: (axis) => { axis.ticks = timeMarks(axis.min, axis.max, wanted(axis)); },
    ticks: { callback: (_, i, ticks) => ticks[i].label, maxRotation: 0, autoSkip: true, autoSkipPadding: 12 },
  });
  const byWidth = (axis) => Math.max(3, Math.round(axis.width / 110));

  // Batches shaded, bursts outlined, both named above the plot.
  const bands = (place) => ({
    id: 'bands',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      const named = [];
      ctx.save();
      ctx.font = '650 12px ' + Chart.defaults.font.family;
      ctx.textAlign = 'center';
      for (const mark of data.marks) {
        const span = place(mark);
        if (!span || span[1] < x.min || span[0] > x.max) continue;
        const from = Math.max(area.left, x.getPixelForValue(span[0]));
        const to = Math.min(area.right, Math.max(from + 2, x.getPixelForValue(span[1])));
        ctx.fillStyle = mark.batch ? alpha(colours.batch, 0.16) : alpha(colours.spike, 0.07);
        ctx.fillRect(from, area.top, to - from, area.bottom - area.top);
        ctx.setLineDash(mark.batch ? [] : [4, 3]);
        ctx.strokeStyle = mark.batch ? colours.batch : colours.spike;
        if (mark.batch) ctx.fillStyle = colours.batch, ctx.fillRect(from, area.top - 3, to - from, 3);
        else ctx.strokeRect(from + 0.5, area.top + 0.5, to - from - 1, area.bottom - area.top - 1);
        const middle = (from + to) / 2;
        if (named.every((at) => Math.abs(at - middle) > 20)) {
          ctx.fillStyle = mark.batch ? colours.batch : colours.spike;
          ctx.fillText(mark.id, middle, area.top - 8);
          named.push(middle);
        }
      }
      ctx.restore();
    },
  });

  // Pixels across a dot, by how many points fall on a pixel.
  const dotWidth = (crowd) => (crowd < 0.0006 ? 6 : crowd < 0.004 ? 4 : crowd < 0.03 ? 3 : crowd < 0.15 ? 2 : 1);

  // A chart inside its figure, with buttons to zoom and a brush; `whole` is the span of each axis that can be zoomed.
  const stage = (figure, label, config, whole) => {
    const plot = document.createElement('div');
    plot.className = 'plot';
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label);
    plot.append(canvas);
    const tools = document.createElement('div');
    tools.className = 'tools';
    figure.prepend(tools, plot);
    figure.classList.add('live');
    const chart = new Chart(canvas, config);
    const view = (axis) => [chart.scales[axis].min, chart.scales[axis].max];
    let back;
    const show = (spans) => {
      for (const axis of Object.keys(whole)) {
        const [low, high] = whole[axis];
        let [from, to] = spans[axis] || view(axis);
        const width = Math.min(high - low, Math.max(to - from, (high - low) / 20000));
        from = Math.min(Math.max(from, low), high - width);
        chart.options.scales[axis].min = from;
        chart.options.scales[axis].max = from + width;
      }
      chart.update('none');
      back.disabled = Object.keys(whole).every((a) => view(a)[0] <= whole[a][0] && view(a)[1] >= whole[a][1]);
    };
    const scaled = (factor, about) => show(Object.fromEntries(Object.keys(whole).map((axis) => {
      const [from, to] = view(axis);
      const at = about ? about[axis] : (from + to) / 2;
      return [axis, [at - (at - from) * factor, at + (to - at) * factor]];
    })));
    const moved = (part) => { const [from, to] = view('x'); const by = (to - from) * part; show({ x: [from + by, to + by] }); };
    const button = (words, name, act) => {
      const made = document.createElement('button');
      made.type = 'button'; made.textContent = words; made.setAttribute('aria-label', name);
      made.addEventListener('click', act);
      tools.append(made);
      return made;
    };
    button('+', 'Zoom in', () => scaled(0.5));
    button('\u2212', 'Zoom out', () => scaled(2));
    button('\u2190', 'Move left', () => moved(-0.3));
    button('\u2192', 'Move right', () => moved(0.3));
    back = button('Whole', 'Show the whole chart', () => show(whole));
    back.disabled = true;
    const hint = document.createElement('span');
    hint.className = 'hint'; hint.textContent = 'drag over a part to enlarge it';
    brush(plot, canvas, chart, whole, show);
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const about = Object.fromEntries(Object.keys(whole).map((a) => [a, chart.scales[a].getValueForPixel(a === 'x' ? event.offsetX : event.offsetY)]));
      scaled(event.deltaY > 0 ? 1.25 : 0.8, about);
    }, { passive: false });
    return { chart, plot, canvas, show, button, view, finish: () => tools.append(hint) };
  };

  const brush = (plot, canvas, chart, whole, show) => {
    let start = null, box = null;
    const inside = (event) => {
      const area = chart.chartArea, at = canvas.getBoundingClientRect();
      return [Math.min(Math.max(event.clientX - at.left, area.left), area.right), Math.min(Math.max(event.clientY - at.top, area.top), area.bottom)];
    };
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'touch' || event.button !== 0) return;
      start = inside(event);
      canvas.setPointerCapture(event.pointerId);
    });
    const rectangle = (event) => {
      const [x, y] = inside(event), area = chart.chartArea;
      const tall = 'y' in whole;
      return [Math.min(x, start[0]), tall ? Math.min(y, start[1]) : area.top, Math.max(x, start[0]), tall ? Math.max(y, start[1]) : area.bottom];
    };
    canvas.addEventListener('pointermove', (event) => {
      if (!start) return;
      const [left, top, right, bottom] = rectangle(event);
      if (!box) { box = document.createElement('div'); box.className = 'brush'; plot.append(box); }
      Object.assign(box.style, { left: left + 'px', top: top + 'px', width: right - left + 'px', height: bottom - top + 'px' });
    });
    const end = (event) => {
      if (!start) return;
      const [left, top, right, bottom] = rectangle(event);
      start = null;
      if (box) box.remove();
      box = null;
      if (event.type === 'pointercancel' || right - left < 6) return;
      const { x, y } = chart.scales;
      const spans = { x: [x.getValueForPixel(left), x.getValueForPixel(right)] };
      if ('y' in whole && bottom - top >= 6) spans.y = [y.getValueForPixel(bottom), y.getValueForPixel(top)];
      show(spans);
    };
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
  };

  const drawMap = (figure) => {
    const { stride, points: n, from, to } = data.map;
    const levels = new Uint16Array(bytesOf('assay-levels').buffer);
    const packed = bytesOf('assay-classes');
    const classOf = (i) => (packed[i >> 2] >> ((i & 3) * 2)) & 3;
    const perLevel = Math.max(to - from, 1) / 65534;
    const opened = (i) => from + (levels[i] - 1) * perLevel;

    const points = {
      id: 'points',
      beforeDatasetsDraw(chart) {
        const { ctx, chartArea: area, scales: { x, y } } = chart;
        const ratio = chart.currentDevicePixelRatio;
        const width = Math.max(1, Math.round(area.width * ratio)), height = Math.max(1, Math.round(area.height * ratio));
        const first = Math.max(0, Math.floor(x.min / stride)), last = Math.min(n - 1, Math.ceil(x.max / stride));
        const shown = last - first + 1;
        const dot = Math.max(1, Math.round(ratio * dotWidth(shown / (area.width * area.height))));
        const counts = [new Uint32Array(width * height), new Uint32Array(width * height)];
        const acrossPer = (stride * (width - dot)) / (x.max - x.min), across0 = (-x.min * (width - dot)) / (x.max - x.min);
        const upPer = (-perLevel * (height - dot)) / (y.max - y.min), up0 = ((y.max - from + perLevel) * (height - dot)) / (y.max - y.min);
        for (let i = first; i <= last; i++) {
          if (levels[i] === 0) continue;
          const px = Math.round(across0 + acrossPer * i), py = Math.round(up0 + upPer * levels[i]);
          if (px < 0 || py < 0 || px > width - dot || py > height - dot) continue;
          const layer = counts[classOf(i) === 3 ? 1 : 0];
          for (let row = py; row < py + dot; row++) for (let k = row * width + px, end = k + dot; k < end; k++) layer[k]++;
        }
        const image = new ImageData(width, height);
        const pixels = new Uint32Array(image.data.buffer);
        [colours.dot, colours.bought].forEach((hex, which) => {
          const [r, g, b] = rgb(hex), layer = counts[which];
          let most = 2;
          for (let k = 0; k < layer.length; k++) if (layer[k] > most) most = layer[k];
          const shade = new Uint32Array(most + 1);
          for (let c = 1; c <= most; c++) shade[c] = ((Math.round(110 + (145 * Math.log(c)) / Math.log(most)) << 24) | (b << 16) | (g << 8) | r) >>> 0;
          for (let k = 0; k < layer.length; k++) if (layer[k]) pixels[k] = shade[layer[k]];
        });
        const sheet = document.createElement('canvas');
        sheet.width = width; sheet.height = height;
        sheet.getContext('2d').putImageData(image, 0, 0);
        ctx.drawImage(sheet, area.left, area.top, area.width, area.height);
      },
    };

    const whole = { x: [0, Math.max(1, data.n - 1)], y: [from, Math.max(to, from + DAY)] };
    const staged = stage(figure, 'Follower map: follow order against the day the account was opened', {
      type: 'scatter',
      data: { datasets: [{ data: [] }] },
      plugins: [bands((mark) => mark.ranks), points],
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, events: [], layout: { padding: { top: 22 } },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        scales: {
          x: { type: 'linear', min: whole.x[0], max: whole.x[1], grid: { display: false }, title: { display: true, text: 'follow order (0 = first follower)' }, ticks: { precision: 0, includeBounds: false, maxRotation: 0, autoSkipPadding: 16, callback: (v) => number.format(v) } },
          y: { ...timeAxis(whole.y[0], whole.y[1], () => 7), title: { display: true, text: 'account opened' } },
        },
      },
    }, whole);
    for (const mark of data.marks.filter((m) => m.batch && m.ranks).slice(0, 8)) {
      const pad = Math.max(20, (mark.ranks[1] - mark.ranks[0]) * 1.5);
      staged.button(mark.id, 'Zoom to ' + mark.text, () => staged.show({ x: [mark.ranks[0] - pad, mark.ranks[1] + pad], y: whole.y }));
    }
    staged.finish();

    // The follower nearest to the pointer, within a few pixels.
    const tip = document.createElement('div');
    tip.className = 'tip'; tip.hidden = true;
    staged.plot.append(tip);
    const { canvas, chart } = staged;
    const nearest = (px, py) => {
      const { x, y } = chart.scales;
      const reach = 6, low = Math.max(0, Math.floor(x.getValueForPixel(px - reach) / stride)), high = Math.min(n - 1, Math.ceil(x.getValueForPixel(px + reach) / stride));
      let best = -1, distance = reach * reach;
      for (let i = low; i <= high; i++) {
        if (levels[i] === 0) continue;
        const dx = x.getPixelForValue(i * stride) - px, dy = y.getPixelForValue(opened(i)) - py;
        if (dx * dx + dy * dy < distance) { distance = dx * dx + dy * dy; best = i; }
      }
      return best;
    };
    canvas.addEventListener('pointermove', (event) => {
      const area = chart.chartArea, [px, py] = [event.offsetX, event.offsetY];
      const i = event.buttons || px < area.left || px > area.right ? -1 : nearest(px, py);
      tip.hidden = i < 0;
      if (i < 0) return;
      const rank = i * stride;
      const mark = data.marks.find((m) => m.ranks && m.ranks[0] <= rank && rank <= m.ranks[1]);
      const said = ['unsure', 'genuine', 'dormant', 'looks inauthentic'][classOf(i)];
      tip.textContent = `rank ${number.format(rank)}, ${said}\naccount opened ${dayOf(opened(i))}` + (mark ? `\nwithin ${mark.batch ? 'batch' : 'burst'} ${mark.id}` : '');
      tip.style.left = Math.min(px + 14, staged.plot.clientWidth - tip.offsetWidth) + 'px';
      tip.style.top = Math.max(0, py - tip.offsetHeight - 10) + 'px';
    });
    canvas.addEventListener('pointerleave', () => { tip.hidden = true; });
    return staged.chart;
  };

  const drawGrowth = (figure) => {
    const { from, width, per, follows, unfollows } = data.growth;
    const whole = { x: [from, from + width * follows.length] };
    const bars = (label, values, colour) => ({ label, colour, data: values.map((y, i) => ({ x: from + (i + 0.5) * width, y })), barPercentage: 1, categoryPercentage: 1, grouped: false });
    const datasets = [bars('follows', follows, 'dot')];
    if (unfollows) datasets.push(bars('unfollows', unfollows.map((u) => -u), 'soft'));
    const fill = (context) => colours[context.dataset.colour];
    const when = (i) => { const at = from + i * width; return width >= 2 * DAY ? dayOf(at) + ' to ' + dayOf(at + width - 1) : width >= DAY ? dayOf(at) : minuteOf(at); };
    const staged = stage(figure, 'Follows over time', {
      type: 'bar',
      data: { datasets },
      plugins: [bands((mark) => mark.times)],
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true, layout: { padding: { top: 22 } },
        backgroundColor: fill, interaction: { mode: 'index', axis: 'x', intersect: false },
        plugins: {
          legend: { display: false },
          tooltip: { displayColors: false, callbacks: { title: (items) => when(items[0].dataIndex), label: (item) => number.format(Math.abs(item.parsed.y)) + ' ' + item.dataset.label } },
        },
        scales: {
          x: { ...timeAxis(whole.x[0], whole.x[1], byWidth), grid: { display: false }, offset: false },
          y: { title: { display: true, text: 'follows ' + per }, ticks: { precision: 0, callback: (v) => number.format(v) } },
        },
      },
    }, whole);
    staged.finish();
    return staged.chart;
  };

  const charts = [];
  const figures = { map: data.map && drawMap, growth: data.growth && drawGrowth };
  const drawAll = () => {
    for (const figure of document.querySelectorAll('[data-chart]')) {
      const draw = figures[figure.dataset.chart];
      if (draw) charts.push(draw(figure));
    }
  };
  const fetchBytes = (id, url) => fetch(url).then((answer) => answer.arrayBuffer()).then((bytes) => { fetched[id] = new Uint8Array(bytes); });
  if (data.map && block.dataset.levels && document.querySelector('[data-chart="map"]')) {
    Promise.all([fetchBytes('assay-levels', block.dataset.levels), fetchBytes('assay-classes', block.dataset.classes)]).then(drawAll);
  } else drawAll();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    readColours();
    for (const chart of charts) {
      for (const axis of Object.values(chart.options.scales)) {
        axis.ticks.color = axis.title.color = colours.soft;
        axis.grid.color = colours.line;
      }
      chart.update('none');
    }
  });
})();
