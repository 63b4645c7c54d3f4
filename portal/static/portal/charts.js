// Draws the charts of a page from the figures that each carries. Every chart has its table: it stays
// open where this file or the library does not arrive, and closes where the drawing takes its place.
(() => {
  const figures = [...document.querySelectorAll("[data-chart]")];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const language = document.documentElement.lang;
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 2 });
  const part = (options) => new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  const [monthName, yearName] = [part({ month: "short" }), part({ year: "numeric" })];
  const [ROW, PHONE_ROW] = [30, 36];
  const PHONE = 420;
  const PHONE_RADAR = 280;
  const LINE = 14;

  // Room that a name takes in halves of its height: letters take one, Chinese characters two.
  const halves = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 2 : 1), 0);

  // Names beside a drawing, in lines of about equal length: whole words, or characters where there
  // are no spaces.
  const wrapped = (name, most) => {
    const each = Math.ceil(halves(name) / Math.ceil(halves(name) / most));
    const lines = [];
    for (const piece of name.includes(" ") ? name.split(/(?<= )/) : [...name]) {
      const longer = (lines.at(-1) || "") + piece;
      // a word may reach beyond the middle, though not beyond what there is room for
      const begun = lines.length && halves(lines.at(-1)) < each;
      if (begun && halves(longer.trim()) <= most) lines[lines.length - 1] = longer;
      else lines.push(piece);
    }
    return lines.map((line) => line.trim());
  };

  // Names that have to do with two lines.
  const twoLines = (name, most) => {
    const [first, second, ...more] = wrapped(name, most);
    return [first, ...(second ? [more.length ? `${second}…` : second] : [])].join("\n");
  };

  const show = (figure, drawn) => {
    figure.querySelector(".chart-box").hidden = !drawn;
    const table = figure.querySelector("details");
    if (table) table.open = !drawn;
  };

  const house = () => {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      font: value("font"),
      ink: value("ink"),
      soft: value("ink-soft"),
      faint: value("ink-faint"),
      line: value("line"),
      strong: value("line-strong"),
      surface: value("surface"),
      accent: value("accent"),
      danger: value("danger"),
    };
  };

  const common = (colours) => ({
    animation: !still.matches,
    animationDuration: 300,
    textStyle: { fontFamily: colours.font, color: colours.soft },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colours.surface,
      borderColor: colours.strong,
      textStyle: { color: colours.ink, fontSize: 13 },
    },
  });

  const radar = ({ axes, series }, colours, width, height) => {
    const labels = axes.map((name) => wrapped(name, width < PHONE ? 11 : 18));
    const legend = 28;
    const gap = 8;
    // as large as the label of each axis leaves room for on its side
    const room = labels.map((lines, at) => {
      const turn = (2 * Math.PI * at) / axes.length;
      const [across, along] = [Math.abs(Math.sin(turn)), Math.abs(Math.cos(turn))];
      const wide = 6.5 * Math.max(...lines.map(halves)) + 2 * gap;
      const tall = LINE * lines.length + gap;
      return Math.min(
        across > 0.1 ? (width / 2 - wide) / across : Infinity,
        along > 0.1 ? ((height - legend) / 2 - tall) / along : Infinity,
      );
    });
    return {
      ...common(colours),
      color: [colours.accent, colours.strong],
      legend: { bottom: 0, icon: "roundRect", textStyle: { color: colours.soft } },
      radar: {
        center: ["50%", (height - legend) / 2],
        radius: Math.max(Math.min(...room), 40),
        splitNumber: 4,
        indicator: axes.map((name) => ({ name, max: 1 })),
        axisName: {
          color: colours.soft,
          fontSize: 12,
          lineHeight: LINE,
          formatter: (name) => labels[axes.indexOf(name)].join("\n"),
        },
        axisNameGap: gap,
        axisLine: { lineStyle: { color: colours.line } },
        splitLine: { lineStyle: { color: colours.line } },
        splitArea: { show: false },
      },
      series: [
        {
          type: "radar",
          symbolSize: 5,
          tooltip: {
            formatter: ({ seriesIndex, dataIndex }) =>
              [series[dataIndex].name]
                .concat(axes.map((name, at) => `${name}  ${series[dataIndex].texts[at]}`))
                .join("\n"),
          },
          data: series.map(({ name, values }, at) => ({
            name,
            value: values.map(Number),
            areaStyle: { opacity: at === 0 ? 0.15 : 0 },
            lineStyle: { width: 2, type: at === 0 ? "solid" : "dashed" },
          })),
        },
      ],
    };
  };

  // The thresholds next to the line stay in sight; further ones would flatten it.
  const heights = (values, lines) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const below = Math.max(0, ...lines.filter((line) => line <= low));
    const above = Math.min(...lines.filter((line) => line > high), Infinity);
    const bottom = lines.length ? below : low;
    const top = Number.isFinite(above) ? above : high;
    const room = Math.max((top - bottom) * 0.12, 5);
    return { min: Math.max(0, Math.floor(bottom - room)), max: Math.ceil(top + room) };
  };

  const axisMonth = (text, at) => {
    const day = new Date(`${text}T00:00:00Z`);
    const name = monthName.format(day);
    return at === 0 || day.getUTCMonth() === 0 ? `${name}\n${yearName.format(day)}` : name;
  };

  const trend = ({ months, lines }, colours) => {
    const drawn = months.filter(({ value }) => value !== null);
    const cuts = lines.map(({ name, value }) => ({ name, yAxis: Number(value) }));
    const range = heights(drawn.map(({ value }) => Number(value)), cuts.map(({ yAxis }) => yAxis));
    return {
      ...common(colours),
      grid: { left: 8, right: 36, top: 12, bottom: 4, outerBoundsMode: "same" },
      xAxis: {
        type: "category",
        data: months.map(({ month }) => month),
        axisLabel: { color: colours.faint, formatter: axisMonth, hideOverlap: true },
        axisLine: { lineStyle: { color: colours.strong } },
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        ...range,
        axisLabel: {
          color: colours.faint,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value) => short.format(value),
        },
        splitLine: { show: false },
      },
      series: [
        {
          type: "line",
          symbolSize: 8,
          color: colours.accent,
          lineStyle: { width: 2 },
          data: months.map(({ value, open }) => ({
            value: value === null ? null : Number(value),
            symbol: open ? "emptyCircle" : "circle",
          })),
          tooltip: {
            formatter: ({ dataIndex: at }) =>
              `${months[at].name}\n${months[at].text}  ${months[at].note}`,
          },
          markLine: {
            silent: true,
            symbol: "none",
            animation: false,
            lineStyle: { color: colours.strong, type: "dashed", width: 1 },
            label: { formatter: "{b}", color: colours.soft, position: "end" },
            data: cuts.filter(({ yAxis }) => yAxis > range.min && yAxis < range.max),
          },
        },
      ],
    };
  };

  // One row: a bar from start to end, or a mark for a total, and the thread to the next row.
  const row = (bars, colours) => (params, api) => {
    const at = params.dataIndex;
    const { start, end, total, short: text } = bars[at];
    const [from, middle] = api.coord([Number(total ? end : start), at]);
    const [to] = api.coord([Number(end), at]);
    const pitch = api.size([0, 1])[1];
    const height = Math.round(pitch * 0.56);
    const fill = total ? colours.ink : to < from ? colours.danger : colours.accent;
    const left = total ? to - 2 : Math.min(from, to);
    const width = total ? 4 : Math.max(Math.abs(to - from), 1);
    const children = [
      {
        type: "rect",
        shape: { x: left, y: middle - height / 2, width, height, r: total ? 0 : 2 },
        style: { fill },
      },
      {
        type: "text",
        silent: true,
        style: {
          text,
          x: left + width + 6,
          y: middle,
          align: "left",
          verticalAlign: "middle",
          font: `${total ? 600 : 400} 12px ${colours.font}`,
          fill: total ? colours.ink : colours.soft,
        },
      },
    ];
    if (bars[at + 1] && Number(bars[at + 1].start) === Number(end)) {
      children.push({
        type: "line",
        silent: true,
        shape: { x1: to, x2: to, y1: middle + height / 2, y2: middle + pitch - height / 2 },
        style: { stroke: colours.strong, lineWidth: 1 },
      });
    }
    return { type: "group", children };
  };

  const bars = ({ bars }, colours, width) => {
    const ends = bars.flatMap(({ start, end, total }) => [Number(total ? end : start), Number(end)]);
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const span = high - low || 1;
    const names = width < PHONE ? 100 : 190;
    const steps = width < PHONE ? 3 : 5;
    // a step between ticks has so many decimals that no two ticks read alike
    const decimals = Math.max(2, 1 - Math.floor(Math.log10(span / steps)));
    const tick = new Intl.NumberFormat(language, {
      notation: "compact",
      maximumFractionDigits: Math.min(decimals, 20),
    });
    // the longest text needs its place to the right of the longest bar
    const letters = 7.5 * Math.max(...bars.map(({ short: text }) => text.length)) + 12;
    const room = (1.04 * letters) / Math.max(width - names - letters - 30, letters);
    return {
      ...common(colours),
      grid: { left: 4, right: 8, top: 4, bottom: 4, outerBoundsMode: "same" },
      xAxis: {
        type: "value",
        min: low - span * 0.04,
        max: high + span * room,
        axisLabel: {
          color: colours.faint,
          hideOverlap: true,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value) => tick.format(value),
        },
        splitNumber: steps,
        minInterval: ends.every(Number.isInteger) ? 1 : 0,
        splitLine: {
          showMinLine: false,
          showMaxLine: false,
          lineStyle: { color: colours.line },
        },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: bars.map(({ name }) => name),
        axisLabel: {
          color: colours.soft,
          interval: 0,
          width: names,
          lineHeight: LINE,
          overflow: "truncate",
          formatter: (name) => twoLines(name, names / 6.5),
        },
        axisLine: { show: false },
        axisTick: { show: false },
      },
      series: [
        {
          type: "custom",
          renderItem: row(bars, colours),
          encode: { x: [0, 1], y: 2 },
          data: bars.map(({ start, end }, at) => [Number(start), Number(end), at]),
          tooltip: { formatter: ({ dataIndex: at }) => `${bars[at].name}\n${bars[at].text}` },
        },
      ],
    };
  };

  const kinds = { radar, trend, waterfall: bars, bars };

  const draw = (figure) => {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const box = figure.querySelector(".chart-box");
    const phone = box.clientWidth < PHONE;
    if (data.axes && phone) box.style.height = `${PHONE_RADAR}px`;
    if (data.bars) box.style.height = `${data.bars.length * (phone ? PHONE_ROW : ROW) + 34}px`;
    const picture = window.echarts.init(box);
    const paint = () =>
      picture.setOption(
        kinds[figure.dataset.chart](data, house(), box.clientWidth, box.clientHeight),
        true,
      );
    paint();
    let width = box.clientWidth;
    new ResizeObserver(() => {
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      picture.resize();
      paint();
    }).observe(box);
    dark.addEventListener("change", paint);
  };

  // The boxes take their room at once, so that nothing jumps when the library arrives.
  for (const figure of figures) show(figure, true);
  document.addEventListener("DOMContentLoaded", () => {
    for (const figure of figures) {
      if (window.echarts) draw(figure);
      else show(figure, false);
    }
  });
})();
