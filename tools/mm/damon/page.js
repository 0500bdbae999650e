// SPDX-License-Identifier: GPL-2.0
"use strict";
(() => {
const D = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
/* lengths in units of the charts, which are WIDTH wide */
const WIDTH = 1100, LEFT = 124, RIGHT = 16, HEAT = 400, GAP = 22, AXIS = 36;
const CURVE = 150, PLOT = WIDTH - LEFT - RIGHT, TICKS = 10;
const rank = new Map([...D.letters].map((letter, i) => [letter, i]));
const last = D.letters.length - 1;

function make(parent, name, attributes, text) {
	const svg = name == "svg" || parent.namespaceURI == SVG;
	const made = svg ? document.createElementNS(SVG, name) :
		document.createElement(name);

	for (const key in attributes)
		made.setAttribute(key, attributes[key]);
	if (text !== undefined)
		made.textContent = text;
	parent.append(made);
	return made;
}

function digits(value) {
	return String(Number(value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)));
}

function size(bytes) {
	const names = "BKMGTPE";
	let i = 0;

	for (bytes = Number(bytes); bytes >= 1023.5 && i < 6; i++)
		bytes /= 1024;
	return digits(bytes) + names[i];
}

/* All times of an axis have the unit that suits its longest. */
function timeUnit(longest) {
	return longest < 0.001 ? [1e6, "us"] : longest < 1 ? [1e3, "ms"] :
		longest < 600 ? [1, "s"] : longest < 36000 ? [1 / 60, "min"] :
		[1 / 3600, "h"];
}

function time(seconds, unit, precision) {
	const value = (seconds * unit[0]).toFixed(precision);

	return `${Number(value)} ${unit[1]}`;
}

function timeStep(span, most) {
	const steps = [];

	for (let power = 1e-6; power < 5; power *= 10)
		steps.push(power, 2 * power, 5 * power);
	steps.push(10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
		   21600, 43200, 86400, 604800);
	return steps.find(step => span / step <= most) || span;
}

/* Quarters of powers of two, as round as sizes get. */
function sizeCeiling(bytes) {
	let power = 1;

	while (power < bytes)
		power *= 2;
	for (let quarter = 5; power > 4 && quarter < 8; quarter++)
		if (power / 8 * quarter >= bytes)
			return power / 8 * quarter;
	return power;
}

function rateOf(letter, scale) {
	const i = rank.get(letter);

	if (i === undefined)
		return null;
	return i == 0 ? 0 : i == last ? scale : (i - 0.5) / (last - 1) * scale;
}

function levelOf(i) {
	return i == 0 ? 0 : 1 + Math.round((i - 1) / (last - 1) * (D.colors.length - 2));
}

function rgb(color) {
	return [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16));
}

const tip = make(document.body, "div", { id: "tip" });

function hideTip() {
	tip.style.display = "none";
}

function showTip(event, text) {
	tip.textContent = text;
	tip.style.display = "block";
	const box = tip.getBoundingClientRect();
	const x = event.clientX + 16 + box.width > innerWidth ?
		event.clientX - 12 - box.width : event.clientX + 16;
	const y = Math.min(event.clientY + 16, innerHeight - box.height - 8);

	tip.style.left = Math.max(0, x) + "px";
	tip.style.top = y + "px";
}

/* A chart, and what turns a pointer into its coordinates. */
function chart(section, height, label) {
	const plot = make(section, "div", { class: "plot" });
	const svg = make(plot, "svg", {
		viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label,
	});
	const at = event => {
		const box = svg.getBoundingClientRect();

		return [(event.clientX - box.left) * WIDTH / box.width,
			(event.clientY - box.top) * WIDTH / box.width];
	};

	return { plot, svg, at };
}

function timeAxis(svg, t, y, name) {
	const step = timeStep(t.span_s, TICKS), unit = timeUnit(t.from_s + t.span_s);

	/* what begins a moment after a tick begins there, for the eye */
	const first = Math.ceil((t.from_s - t.span_s / 200) / step);

	/* times without sense must not go on for ever */
	for (let n = 0; n < 2 * TICKS; n++) {
		const i = first + n;
		const x = LEFT + Math.max(0, (i * step - t.from_s) / t.span_s * PLOT);

		if (!(x <= LEFT + PLOT + 0.5))
			break;
		make(svg, "path", { class: "axis", d: `M${x} ${y}v5` });
		make(svg, "text", { x, y: y + 18, "text-anchor": "middle" },
		     time(i * step, unit, 6));
	}
	if (name)
		make(svg, "text", {
			x: LEFT + PLOT / 2, y: y + 33, class: "pale",
			"text-anchor": "middle",
		}, name);
}

function addresses(svg, part, box) {
	const start = BigInt("0x" + part.start), end = BigInt("0x" + part.end);
	const text = (y, content, kind) => make(svg, "text", {
		x: LEFT - 9, y, "text-anchor": "end", class: "address " + kind,
	}, content);
	let step = 1n;

	text(box.y + 9, part.start, "");
	if (box.height > 24)
		text(box.y + box.height, part.end, "");
	while ((end - start) / step > BigInt(Math.floor(box.height / 40)))
		step *= 2n;
	for (let offset = step; offset < end - start; offset += step) {
		const y = box.height * Number(offset) / Number(end - start);

		if (y < 20 || y > box.height - 22)
			continue;
		make(svg, "path", { class: "axis", d: `M${LEFT - 5} ${box.y + y}h5` });
		text(box.y + y + 4, "+" + size(offset), "pale");
	}
}

function paint(plot, t, part, box, height) {
	const canvas = make(plot, "canvas", {
		width: t.columns, height: part.rows,
		style: `left:${100 * LEFT / WIDTH}%;width:${100 * PLOT / WIDTH}%;` +
			`top:${100 * box.y / height}%;height:${100 * box.height / height}%;` +
			"background:var(--blank)",
	});
	const context = canvas.getContext("2d");
	const image = context.createImageData(t.columns, part.rows);

	for (let row = 0; row < part.rows; row++) {
		const cells = t.cells[part.first + row];

		for (let column = 0; column < t.columns; column++) {
			const i = rank.get(cells[column]);

			if (i !== undefined)
				image.data.set([...rgb(D.colors[levelOf(i)]), 255],
					       4 * (row * t.columns + column));
		}
	}
	context.putImageData(image, 0, 0);
}

/* Where the parts are; low addresses are at the top. */
function layOut(t) {
	const rows = t.cells.length;
	const height = HEAT - GAP * (t.parts.length - 1);
	let first = 0;

	t.boxes = t.parts.map((part, i) => {
		part.first = first;
		first += part.rows;
		return {
			y: 2 + part.first / rows * height + i * GAP,
			height: part.rows / rows * height,
		};
	});
}

function legend(section, t) {
	const box = make(section, "div", { class: "legend" });
	const one = (color, text) => {
		const item = make(box, "span", {});

		make(item, "i", { style: `background:${color}` });
		item.append(text);
	};
	const ramp = make(box, "span", {}, "0");

	make(ramp, "i", {
		class: "ramp",
		style: `background:linear-gradient(90deg,${D.colors.slice(1).join()})`,
	});
	ramp.append(`${100 * t.scale}% of the samples found it accessed`);
	one(D.colors[0], "never accessed");
	one("var(--blank)", "not monitored");
	make(box, "span", {}, "point at a cell for its values");
}

function heatmap(main, t) {
	const section = make(main, "section", {});
	const height = HEAT + AXIS + 4;

	make(section, "h2", {}, "Accesses");
	const { plot, svg, at } = chart(section, height, "heat map");

	layOut(t);
	t.parts.forEach((part, i) => {
		const box = t.boxes[i];

		paint(plot, t, part, box, height);
		addresses(svg, part, box);
		if (!i)
			return;
		const left = BigInt("0x" + part.start) - BigInt("0x" + t.parts[i - 1].end);

		make(svg, "text", {
			x: LEFT + PLOT / 2, y: box.y - GAP / 2 + 4, class: "pale",
			"text-anchor": "middle",
		}, `${size(left)} left out`);
		for (const x of [LEFT, LEFT + PLOT / 2 + 60])
			make(svg, "path", {
				class: "gap",
				d: `M${x} ${box.y - GAP / 2}h${PLOT / 2 - 60}`,
			});
	});
	plot.append(svg);	/* above the cells */
	timeAxis(svg, t, HEAT + 2, "time since the recording began");
	legend(section, t);

	const cross = make(svg, "path", { class: "cross" });
	const find = event => {
		const [x, y] = at(event);
		const i = t.boxes.findIndex(box => y >= box.y && y < box.y + box.height);

		if (x < LEFT || x >= LEFT + PLOT || i < 0)
			return null;
		return {
			column: Math.floor((x - LEFT) / PLOT * t.columns),
			part: t.parts[i], x, y,
			row: Math.min(t.parts[i].rows - 1, Math.floor((y - t.boxes[i].y) /
				t.boxes[i].height * t.parts[i].rows)),
		};
	};
	const point = (x, y) => cross.setAttribute("d",
		`M${x} 2V${HEAT + 2}` + (y ? `M${LEFT} ${y}H${LEFT + PLOT}` : ""));

	return { plot, find, point };
}

function curve(main, t) {
	const section = make(main, "section", {});
	const height = CURVE + AXIS + 10, bottom = CURVE + 8;
	const most = sizeCeiling(Math.max(1, ...t.curve, t.percentiles[95]));
	const yOf = bytes => bottom - bytes / most * CURVE;
	let line = "", fill = "", begun = false;

	make(section, "h2", {}, "Working set");
	make(section, "p", {}, D.access ?
	     `memory accessed in ${D.access}% of the samples of a snapshot or more` :
	     "memory that was accessed at all during a snapshot");
	const { plot, svg, at } = chart(section, height, "working set over time");

	for (let i = 0; i <= 4; i++) {
		const y = yOf(most * i / 4);

		make(svg, "path", { class: "grid", d: `M${LEFT} ${y}h${PLOT}` });
		make(svg, "text", { x: LEFT - 9, y: y + 4, "text-anchor": "end" },
		     i ? size(most * i / 4) : "0");
	}
	t.curve.forEach((bytes, i) => {
		const x = LEFT + i / t.columns * PLOT;
		const next = LEFT + (i + 1) / t.columns * PLOT;

		if (bytes === null) {
			begun = false;
			return;
		}
		line += `${begun ? "L" : "M"}${x.toFixed(1)} ${yOf(bytes).toFixed(1)}H${next.toFixed(1)}`;
		fill += `M${x.toFixed(1)} ${bottom}V${yOf(bytes).toFixed(1)}H${next.toFixed(1)}V${bottom}z`;
		begun = true;
	});
	make(svg, "path", { class: "fill", d: fill });
	make(svg, "path", { class: "curve", d: line });
	timeAxis(svg, t, bottom, "time since the recording began");

	const cross = make(svg, "path", { class: "cross" });
	const find = event => {
		const [x, y] = at(event);

		if (x < LEFT || x >= LEFT + PLOT || y > bottom)
			return null;
		return { column: Math.floor((x - LEFT) / PLOT * t.columns), x };
	};
	const point = x => cross.setAttribute("d", `M${x} 8V${bottom}`);

	return { plot, find, point };
}

function describe(t, hit) {
	const from = t.from_s + hit.column / t.columns * t.span_s;
	const unit = timeUnit(t.from_s + t.span_s);
	const width = t.span_s / t.columns * unit[0];
	const precision = Math.min(9, Math.max(0, Math.ceil(-Math.log10(width))));
	const set = t.curve[hit.column];
	const lines = [`time        ${time(from, unit, precision)} to ` +
		time(from + t.span_s / t.columns, unit, precision)];

	if (hit.part) {
		const start = BigInt("0x" + hit.part.start);
		const all = BigInt("0x" + hit.part.end) - start;
		const row = i => start + all * BigInt(i) / BigInt(hit.part.rows);
		const rate = rateOf(t.cells[hit.part.first + hit.row][hit.column],
				    t.scale);

		lines.unshift(`address     ${row(hit.row).toString(16)} to ` +
			      row(hit.row + 1).toString(16) +
			      ` (${size(row(hit.row + 1) - row(hit.row))})`);
		lines.push("accessed    " + (rate === null ? "not monitored" :
			rate ? `in ${digits(100 * rate)}% of the samples` : "never"));
	}
	lines.push("working set " + (set === null ? "not known" : size(set)));
	return lines.join("\n");
}

/* Both charts have the same time axis: pointing at one marks the other too. */
function connect(t, charts) {
	for (const one of charts) {
		const leave = () => {
			hideTip();
			charts.forEach(c => c.plot.classList.remove("on"));
		};

		one.plot.addEventListener("pointermove", event => {
			const hit = one.find(event);

			if (!hit) {
				leave();
				return;
			}
			showTip(event, describe(t, hit));
			charts.forEach(c => {
				c.plot.classList.add("on");
				c.point(hit.x, c == one ? hit.y : 0);
			});
		});
		one.plot.addEventListener("pointerleave", leave);
	}
}

function distribution(main, t) {
	const section = make(main, "section", {});
	const wide = 420, high = 170, left = 52, bottom = high - 34;
	const most = sizeCeiling(Math.max(1, t.percentiles[100]));
	const xOf = percent => left + percent / 100 * (wide - left - 20);
	const yOf = bytes => bottom - bytes / most * (bottom - 8);

	make(section, "h2", {}, "Working set, distribution");
	const svg = make(make(section, "div", { class: "plot" }), "svg", {
		viewBox: `0 0 ${wide} ${high}`, role: "img",
		"aria-label": "percentiles of the working set",
	});

	for (let i = 0; i <= 2; i++) {
		const y = yOf(most * i / 2);

		make(svg, "path", { class: "grid", d: `M${left} ${y}H${wide - 20}` });
		make(svg, "text", { x: left - 6, y: y + 4, "text-anchor": "end" },
		     i ? size(most * i / 2) : "0");
	}
	for (const percent of [0, 25, 50, 75, 95]) {
		make(svg, "path", { class: "axis", d: `M${xOf(percent)} ${bottom}v4` });
		make(svg, "text", {
			x: xOf(percent), y: bottom + 16, "text-anchor": "middle",
		}, percent + "%");
	}
	make(svg, "text", {
		x: xOf(50), y: high - 3, class: "pale", "text-anchor": "middle",
	}, "share of the snapshots with no more than that");
	const line = t.percentiles.map((bytes, i) =>
		`${i ? "L" : "M"}${xOf(i).toFixed(1)} ${yOf(bytes).toFixed(1)}`).join("");

	make(svg, "path", {
		class: "fill", d: `${line}V${bottom}H${left}z`,
	});
	make(svg, "path", { class: "curve", d: line });

	const list = make(section, "dl", { class: "few" });
	const add = (name, bytes) => {
		const item = make(list, "div", {});

		make(item, "dt", {}, name);
		make(item, "dd", {}, size(bytes));
	};

	for (const [name, percent] of [["least", 0], ["5%", 5], ["25%", 25],
				       ["median", 50], ["75%", 75], ["95%", 95],
				       ["most", 100]])
		add(name, t.percentiles[percent]);
	add("mean", t.mean);
}

function histogram(main, t) {
	const section = make(main, "section", {});
	const sum = list => list.reduce((a, b) => a + b, 0);
	const most = Math.max(1, ...t.histogram.slice(1).flat());

	make(section, "h2", {}, "How often, and for how long");
	make(section, "p", {}, "mean bytes by access rate and by the time a region has had it");
	const table = make(make(section, "div", { class: "scroll" }), "table", {});
	const head = make(table, "tr", {});

	for (const name of ["access", ...D.ages, "all"])
		make(head, "th", {}, name);
	for (let i = D.rates.length - 1; i >= 0; i--) {
		const row = make(table, "tr", {});

		make(row, "th", {}, D.rates[i]);
		for (const bytes of t.histogram[i]) {
			const cell = make(row, "td", {}, bytes < 0.5 ? "" : size(bytes));

			/* what is never accessed is mostly more than all else */
			if (!i || bytes < 0.5)
				continue;
			const below = Math.min(1, Math.log2(most / bytes) / 12);
			const color = D.colors[1 + Math.floor((1 - below) * (D.colors.length - 2))];
			const [r, g, b] = rgb(color);

			cell.style.background = color;
			cell.style.color = 299 * r + 587 * g + 114 * b > 140000 ?
				"#000" : "#fff";
		}
		make(row, "td", { class: "sum" }, size(sum(t.histogram[i])));
	}
	const foot = make(table, "tr", {});

	make(foot, "th", {}, "all");
	for (let age = 0; age < D.ages.length; age++)
		make(foot, "td", { class: "sum" },
		     size(sum(t.histogram.map(row => row[age]))));
	make(foot, "td", { class: "sum" }, size(sum(t.histogram.flat())));
}

function show(main, t) {
	main.querySelectorAll("section, .two").forEach(old => old.remove());
	main.querySelector("h1").textContent = t.title;
	main.querySelector("p").textContent = t.subtitle;
	hideTip();
	connect(t, [heatmap(main, t), curve(main, t)]);
	const two = make(main, "div", { class: "two" });

	distribution(two, t);
	histogram(two, t);
}

const main = document.getElementById("page");

if (D.targets.length > 1) {
	const choice = make(main, "select", { "aria-label": "target" });

	D.targets.forEach((t, i) => make(choice, "option", { value: i }, t.title));
	if (D.left_out)
		make(choice, "option", { disabled: "" },
		     `and ${D.left_out} more, less used`);
	choice.addEventListener("change", () => show(main, D.targets[choice.value]));
}
make(main, "h1", {});
make(main, "p", {});
if (D.targets.length)
	show(main, D.targets[0]);
})();
